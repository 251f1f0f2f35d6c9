using System.Threading.Tasks.Sources;
using Estream.Queue.Internal;

namespace Estream.Queue;

/// <summary>
/// The present and future messages of a tailer, for <c>await foreach</c>. One loop at a time; do not use the tailer otherwise during the
/// loop.
/// </summary>
public sealed class QueueReading : IAsyncEnumerable<QueueEntry>
{
    private readonly QueueTailer _tailer;
    private readonly CancellationToken _cancellation;

    internal QueueReading(QueueTailer tailer, CancellationToken cancellation)
    {
        _tailer = tailer;
        _cancellation = cancellation;
    }

    /// <summary>Starts a loop at the position of the tailer.</summary>
    /// <param name="cancellationToken">Ends the loop, as the token given to <see cref="QueueTailer.ReadAllAsync"/> does.</param>
    public IAsyncEnumerator<QueueEntry> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        CancellationTokenSource? both = _cancellation.CanBeCanceled && cancellationToken.CanBeCanceled && _cancellation != cancellationToken
            ? CancellationTokenSource.CreateLinkedTokenSource(_cancellation, cancellationToken)
            : null;
        return new Loop(_tailer, both, both?.Token ?? (_cancellation.CanBeCanceled ? _cancellation : cancellationToken));
    }

    // A value task source that wraps the wait of the tailer: when the wait ends, the continuing thread reads the message.
    private sealed class Loop(QueueTailer tailer, CancellationTokenSource? owned, CancellationToken cancellation)
        : IAsyncEnumerator<QueueEntry>, IValueTaskSource<bool>
    {
        private TailerWait? _wait;

        public QueueEntry Current { get; private set; }

        public ValueTask<bool> MoveNextAsync()
        {
            if (cancellation.IsCancellationRequested)
            {
                return ValueTask.FromCanceled<bool>(cancellation);
            }

            if (TryRead())
            {
                return new ValueTask<bool>(true);
            }

            ValueTask<bool> there = tailer.WaitToReadAsync(cancellation);
            if (there.IsCompletedSuccessfully)
            {
                return new ValueTask<bool>(there.Result && TryRead());
            }

            if (there.IsCanceled || there.IsFaulted)
            {
                return there;
            }

            // The wait is pending or already completed: the message is read together with the result.
            _wait = tailer.PendingWait;
            return new ValueTask<bool>(this, _wait!.Token);
        }

        public ValueTask DisposeAsync()
        {
            owned?.Dispose();
            return ValueTask.CompletedTask;
        }

        public bool GetResult(short token) => _wait!.GetResult(token) && TryRead();

        public ValueTaskSourceStatus GetStatus(short token) => _wait!.GetStatus(token);

        public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
            _wait!.OnCompleted(continuation, state, token, flags);

        private bool TryRead()
        {
            bool isThere = tailer.TryRead(out QueueMessage message);
            Current = isThere ? new QueueEntry(tailer, message) : default;
            return isThere;
        }
    }
}
