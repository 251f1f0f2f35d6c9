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

/// <summary>A request that waits for its response. Awaited once, and then used again for another request.</summary>
/// <param name="connection">Takes the object back after its response was read; null if it is not used again.</param>
internal sealed class PendingRequest(ClientConnection? connection) : IFrameHandler, IValueTaskSource<Response>
{
    private ManualResetValueTaskSourceCore<Response> _core = new() { RunContinuationsAsynchronously = true };
    private int _isDone;

    public ValueTask<Response> Task => new(this, _core.Version);

    /// <summary>Prepares the object for another request. Until then, it ignores a late call of <see cref="OnClosed"/>.</summary>
    public void Reset()
    {
        _core.Reset();
        Volatile.Write(ref _isDone, 0);
    }

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

    Response IValueTaskSource<Response>.GetResult(short token)
    {
        Response response = _core.GetResult(token);
        connection?.Return(this);
        return response;
    }

    ValueTaskSourceStatus IValueTaskSource<Response>.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource<Response>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);
}
