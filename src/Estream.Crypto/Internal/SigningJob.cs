using System.Threading.Tasks.Sources;

namespace Estream.Crypto.Internal;

/// <summary>One signature that was asked for. Used again when it was awaited.</summary>
internal sealed class SigningJob(SignerPool pool) : IValueTaskSource
{
    // Who awaits goes on elsewhere: the thread that signed has other work.
    private ManualResetValueTaskSourceCore<bool> _done = new() { RunContinuationsAsynchronously = true };
    private ReadOnlyMemory<byte> _data;
    private ReadOnlyMemory<byte> _context;
    private Memory<byte> _signature;

    /// <summary>Takes what is to be signed.</summary>
    public ValueTask Begin(ReadOnlyMemory<byte> data, ReadOnlyMemory<byte> context, Memory<byte> signature)
    {
        (_data, _context, _signature) = (data, context, signature);
        return new ValueTask(this, _done.Version);
    }

    /// <summary>Signs, and makes room before it says so.</summary>
    public void Sign(ISigner key, SemaphoreSlim room)
    {
        Exception? failure = null;
        try
        {
            key.Sign(_data.Span, _context.Span, _signature.Span);
        }
        catch (Exception failed)
        {
            // Whatever it is, it is for who asked.
            failure = failed;
        }

        (_data, _context, _signature) = (default, default, default);
        room.Release();
        if (failure is null)
        {
            _done.SetResult(true);
        }
        else
        {
            _done.SetException(failure);
        }
    }

    /// <inheritdoc/>
    public ValueTaskSourceStatus GetStatus(short token) => _done.GetStatus(token);

    /// <inheritdoc/>
    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _done.OnCompleted(continuation, state, token, flags);

    /// <inheritdoc/>
    public void GetResult(short token)
    {
        try
        {
            _ = _done.GetResult(token);
        }
        finally
        {
            // A second await has another token, and does not come this far.
            if (_done.Version == token && _done.GetStatus(token) != ValueTaskSourceStatus.Pending)
            {
                _done.Reset();
                pool.GiveBack(this);
            }
        }
    }
}
