using System.Threading.Tasks.Sources;
using Estream.Wire.OpcUa.Codec;

namespace Estream.Wire.OpcUa.Transport;

/// <summary>
/// A request with its response. Reusable: <see cref="SecureChannel.Send"/> starts it again after it has ended. Its buffers grow and are
/// kept. One caller at a time.
/// </summary>
internal sealed class Exchange : IValueTaskSource<UaStatus>
{
    private ManualResetValueTaskSourceCore<UaStatus> _core = new() { RunContinuationsAsynchronously = true };
    private byte[] _response = [];
    private int _responseLength;
    private int _chunks;

    /// <summary>The encoded request: the number of its type and its fields.</summary>
    public UaWriter Request { get; } = new();

    /// <summary>The encoded response; valid until the next use.</summary>
    public ReadOnlySpan<byte> Response => _response.AsSpan(0, _responseLength);

    /// <inheritdoc cref="Response"/>
    public ReadOnlyMemory<byte> ResponseMemory => _response.AsMemory(0, _responseLength);

    public uint RequestId { get; set; }

    /// <summary>When the exchange ends without a response, in milliseconds of <see cref="UaTime.NowMs"/>.</summary>
    public long Deadline { get; set; }

    /// <summary>Receives the exchange when it ends, in place of a waiting task. Must return soon.</summary>
    public Action<Exchange>? Ended { get; init; }

    public UaStatus Status { get; private set; }

    /// <summary>Prepares for a request.</summary>
    public void Begin()
    {
        _core.Reset();
        _responseLength = 0;
        _chunks = 0;
        Status = default;
    }

    /// <summary>Completes when the response has arrived, or with a bad status when it never will.</summary>
    public ValueTask<UaStatus> WaitAsync() => new(this, _core.Version);

    /// <returns>False if the response is longer than the limits.</returns>
    public bool Append(ReadOnlySpan<byte> body)
    {
        long end = (long)_responseLength + body.Length;
        if (end > UaLimits.MaxMessageBytes || ++_chunks > UaLimits.MaxChunks)
        {
            return false;
        }

        if (end > _response.Length)
        {
            Array.Resize(ref _response, (int)Math.Min(UaLimits.MaxMessageBytes, Math.Max(end, 2L * _response.Length)));
        }

        body.CopyTo(_response.AsSpan(_responseLength));
        _responseLength = (int)end;
        return true;
    }

    public void End(UaStatus status)
    {
        Status = status;
        if (Ended is { } ended)
        {
            ended(this);
        }
        else
        {
            _core.SetResult(status);
        }
    }

    UaStatus IValueTaskSource<UaStatus>.GetResult(short token) => _core.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<UaStatus>.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource<UaStatus>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);
}
