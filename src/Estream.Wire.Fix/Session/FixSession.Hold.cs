namespace Estream.Wire.Fix;

// Holds a message that the application cannot accept now. The session reads no further messages and offers the held message again until the
// application accepts it.
public sealed partial class FixSession
{
    // Also read by the loop of the connection, without the lock.
    private volatile bool _isHeld;
    private byte[]? _held;
    private long _heldNumber;

    /// <summary>Whether a message is held. Nothing may be received until <see cref="TryAgain"/> has delivered it.</summary>
    internal bool IsHeld => _isHeld;

    /// <summary>Called from <see cref="IFixApplication.OnMessage"/> if the application cannot accept the message now. The session offers
    /// the message again.</summary>
    internal void Hold()
    {
        _isHeld = true;
    }

    /// <summary>Offers the held message again, then processes the pending messages after it.</summary>
    internal void TryAgain()
    {
        lock (_gate)
        {
            if (!_isHeld || _held is not { } bytes)
            {
                return;
            }

            // The header was checked on receipt. Checking it again could fail, because SendingTime may have become too old.
            _isHeld = false;
            _index.Parse(bytes);
            Take(new FixMessage(bytes, _index), _heldNumber);
            if (!_isHeld)
            {
                _held = null;
                Drain();
            }
            else if (_state == State.LoggingOut)
            {
                // The answer to our Logout comes after the held message, which cannot be delivered.
                Close("Logged out while a queue could not be written; the held message will be sent again.");
            }

            // Nothing was read while the message was held, so that time does not count as silence of the counterparty.
            _lastReceived = _clock.MonotonicNanos;
        }
    }

    private void KeepHeld(in FixMessage message, long number)
    {
        _held ??= message.Bytes.ToArray();
        _heldNumber = number;
    }

    private void ForgetHeld()
    {
        _isHeld = false;
        _held = null;
    }
}
