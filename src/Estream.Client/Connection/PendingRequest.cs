using System.Text;
using System.Threading.Tasks.Sources;
using Estream.Client.Protocol;

namespace Estream.Client.Connection;

/// <summary>The response to a request; the payload is a copy.</summary>
internal readonly record struct Response(ClientStatus Status, byte[] Payload)
{
    /// <exception cref="EstreamClientException">The status is neither Ok nor the expected one.</exception>
    public Response ThrowUnless(string what, ClientStatus expected = ClientStatus.Ok) =>
        Status is ClientStatus.Ok || Status == expected ? this : throw Error(Status, Payload, what);

    public static EstreamClientException Error(ClientStatus status, ReadOnlySpan<byte> payload, string what) =>
        new($"{what}: {Encoding.UTF8.GetString(payload)}", status);
}

/// <summary>A request that waits for its response. Awaited once.</summary>
internal sealed class PendingRequest : IFrameHandler, IValueTaskSource<Response>
{
    private ManualResetValueTaskSourceCore<Response> _core = new() { RunContinuationsAsynchronously = true };
    private int _isDone;

    public ValueTask<Response> Task => new(this, _core.Version);

    public bool OnFrame(FrameHeader header, ReadOnlySpan<byte> payload)
    {
        if (Interlocked.Exchange(ref _isDone, 1) == 0)
        {
            _core.SetResult(new Response(header.Status, payload.ToArray()));
        }

        return false;
    }

    public void OnClosed(Exception reason)
    {
        if (Interlocked.Exchange(ref _isDone, 1) == 0)
        {
            _core.SetException(reason);
        }
    }

    Response IValueTaskSource<Response>.GetResult(short token) => _core.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<Response>.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource<Response>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);
}
