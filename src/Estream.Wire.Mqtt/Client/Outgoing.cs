using System.Threading.Tasks.Sources;

namespace Estream.Wire.Mqtt.Internal;

/// <summary>
/// An outgoing message of QoS 1 or 2, and the wait for its acknowledgement. Instances and their buffers are reused, so publishing does not
/// allocate. The lock of the window guards the mutable state. The result may be awaited once.
/// </summary>
internal sealed class Outgoing(OutboundWindow window) : IValueTaskSource<EmitStatus>
{
    private const int LeastBytes = 256;
    private const int KeptBytes = 4 * 1024;

    private ManualResetValueTaskSourceCore<EmitStatus> _answer = new() { RunContinuationsAsynchronously = true };
    private CancellationTokenRegistration _patience;
    private int _isAnswered;
    private byte[] _content = [];
    private int _topicLength;
    private int _length;

    public MqttQos Qos { get; private set; }

    public bool IsRetained { get; private set; }

    /// <summary>Whether its PUBREC has arrived. Then only the PUBREL is resent, never the PUBLISH [MQTT-4.3.3-6].</summary>
    public bool IsReleased { get; set; }

    /// <summary>The connection on which it was last sent; null if it was never sent.</summary>
    public OutboundTerms? SentOn { get; set; }

    public ReadOnlySpan<byte> Topic => _content.AsSpan(0, _topicLength);

    public ReadOnlySpan<byte> Payload => _content.AsSpan(_topicLength, _length - _topicLength);

    /// <summary>Copies a message into this instance.</summary>
    public void Take(EgressMessage message)
    {
        _answer.Reset();
        _isAnswered = 0;
        Qos = (MqttQos)message.Quality;
        IsRetained = message.IsRetained;
        IsReleased = false;
        SentOn = null;
        _topicLength = message.Topic.WrittenCount;
        _length = _topicLength + message.Payload.WrittenCount;
        if (_content.Length < _length)
        {
            _content = new byte[Math.Max(_length, LeastBytes)];
        }

        message.Topic.WrittenSpan.CopyTo(_content);
        message.Payload.WrittenSpan.CopyTo(_content.AsSpan(_topicLength));
    }

    /// <summary>Waits for the broker's acknowledgement, or for the reason why there will be none. Afterwards the message returns to its
    /// window.</summary>
    /// <param name="cancellation">Cancels the wait but not the message, which is already on its way.</param>
    public ValueTask<EmitStatus> WaitAsync(CancellationToken cancellation)
    {
        short version = _answer.Version;
        if (cancellation.CanBeCanceled)
        {
            _patience = cancellation.UnsafeRegister(static (waiting, token) => ((Outgoing)waiting!).Abandon(token), this);
        }

        return new ValueTask<EmitStatus>(this, version);
    }

    /// <summary>Completes the wait. Only the first call has an effect.</summary>
    public void Complete(EmitStatus status)
    {
        if (Interlocked.Exchange(ref _isAnswered, 1) == 0)
        {
            _answer.SetResult(status);
        }
    }

    /// <summary>Releases the content, and the memory of a long message.</summary>
    public void Trim()
    {
        _content = _content.Length > KeptBytes ? [] : _content;
        _topicLength = 0;
        _length = 0;
    }

    EmitStatus IValueTaskSource<EmitStatus>.GetResult(short token)
    {
        EmitStatus status = _answer.GetResult(token);
        _patience.Dispose();
        _patience = default;
        window.Return(this);
        return status;
    }

    ValueTaskSourceStatus IValueTaskSource<EmitStatus>.GetStatus(short token)
    {
        return _answer.GetStatus(token);
    }

    void IValueTaskSource<EmitStatus>.OnCompleted(Action<object?> continuation, object? state, short token,
        ValueTaskSourceOnCompletedFlags flags)
    {
        _answer.OnCompleted(continuation, state, token, flags);
    }

    private void Abandon(CancellationToken cancellation)
    {
        if (Interlocked.Exchange(ref _isAnswered, 1) == 0)
        {
            _answer.SetException(new OperationCanceledException(cancellation));
        }
    }
}
