import type { Person } from "./stack";
import type { Opening } from "./use-inbox";

interface SignInProblemProps {
  readonly person: Person;
  readonly opening: Opening;
  readonly className: string;
}

/** Why the person has no inbox, if there is a reason. */
export function SignInProblem({ person, opening: { problem, retry }, className }: SignInProblemProps) {
  if (problem === null) return null;
  return (
    <div className={className} role="alert">
      <p>{person.name} could not be signed in. Is the Auth emulator running?</p>
      <p className="d-quiet">{problem}</p>
      <button type="button" className="d-button" onClick={retry}>
        Try again
      </button>
    </div>
  );
}
