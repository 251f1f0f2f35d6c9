namespace Estream.Wire.Fix;

// A message that the application cannot take now is held: nothing is read behind it, and it is offered again until it is taken.
public sealed partial class FixSession
{
    // Read by the loop of the connection as well, outside of the gate.
    private volatile bool _isHeld;
    private byte[]? _held;
    private long _heldNumber;

    /// <summary>Whether a message waits: nothing is to be received until <see cref="TryAgain"/> has brought it in.</summary>
    internal bool IsHeld => _isHeld;

    /// <summary>From inside <see cref="IFixApplication.OnMessage"/>: the message cannot be taken now, and is to be offered again.</summary>
    internal void Hold()
    {
        _isHeld = true;
    }

    /// <summary>Offers the message that is held once more, and then what has waited behind it.</summary>
    internal void TryAgain()
    {
        lock (_gate)
        {
            if (!_isHeld || _held is not { } bytes)
            {
                return;
            }

            // Its header was judged when it came: by now the time it was sent at may be long ago.
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
                // The answer to our Logout is behind what nobody takes.
                Close("Logged out while a queue could not be written; what was not taken comes again.");
            }

            // Nothing was read: that was no silence of the counterparty.
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
