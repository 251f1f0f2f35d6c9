using System.Threading.Tasks.Sources;

namespace Estream.Crypto.Internal;

/// <summary>A pending signature request. Reused after its result has been awaited.</summary>
internal sealed class SigningJob(SignerPool pool) : IValueTaskSource
{
    // Continuations run on other threads, so the signing thread can go on to the next request.
    private ManualResetValueTaskSourceCore<bool> _done = new() { RunContinuationsAsynchronously = true };
    private ReadOnlyMemory<byte> _data;
    private ReadOnlyMemory<byte> _context;
    private Memory<byte> _signature;

    /// <summary>Sets the inputs of a new request and returns its task.</summary>
    public ValueTask Begin(ReadOnlyMemory<byte> data, ReadOnlyMemory<byte> context, Memory<byte> signature)
    {
        (_data, _context, _signature) = (data, context, signature);
        return new ValueTask(this, _done.Version);
    }

    /// <summary>Signs, then releases capacity of the pool, then completes the task.</summary>
    public void Sign(ISigner key, SemaphoreSlim room)
    {
        Exception? failure = null;
        try
        {
            key.Sign(_data.Span, _context.Span, _signature.Span);
        }
        catch (Exception failed)
        {
            // Every exception is passed on to the caller that awaits the task.
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
            // A second await has an outdated token and throws before this point.
            if (_done.Version == token && _done.GetStatus(token) != ValueTaskSourceStatus.Pending)
            {
                _done.Reset();
                pool.GiveBack(this);
            }
        }
    }
}
