import { useState, type FormEvent } from 'react';
import { signIn } from '../../api/client';

type Progress = 'idle' | 'asking' | 'refused' | 'failed';

const words: Record<Progress, string> = {
  idle: '',
  asking: 'Signing in…',
  refused: 'The host rejected this token: it is wrong, expired or revoked.',
  failed: 'The host does not respond. Try again.',
};

/** Exchanges a token for a session. The page does not store the token. */
export function SignIn() {
  const [token, setToken] = useState('');
  const [progress, setProgress] = useState<Progress>('idle');

  const submit = (event: FormEvent) => {
    event.preventDefault();
    setProgress('asking');
    signIn(token.trim()).then(
      (isIn) => {
        setToken('');
        if (isIn) {
          location.reload();
        } else {
          setProgress('refused');
        }
      },
      () => setProgress('failed'),
    );
  };

  return (
    <form className="empty sign-in" onSubmit={submit}>
      <h2 className="empty-title">Sign in to {location.host}</h2>
      <p>
        This host requires a token. Create one on the host: <code>estream token new --role viewer</code>
      </p>
      <label>
        Token
        <input
          type="password"
          autoComplete="off"
          required
          value={token}
          aria-describedby="sign-in-answer"
          onChange={(event) => setToken(event.target.value)}
        />
      </label>
      <button className="button" type="submit" disabled={progress === 'asking' || token.trim() === ''}>
        Sign in
      </button>
      <p id="sign-in-answer" role="status">
        {words[progress]}
      </p>
    </form>
  );
}
