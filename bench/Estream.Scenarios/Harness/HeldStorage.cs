using Estream.Core;
using Estream.Queue;

namespace Estream.Scenarios.Harness;

/// <summary>Storage that a <see cref="Holder"/> has open.</summary>
internal interface IHeldStorage : IDisposable
{
    /// <summary>Reads a little of it.</summary>
    void Touch();
}

internal static class HeldStorage
{
    public const string Queue = "queue";

    public static IHeldStorage Open(string kind, string directory)
    {
        return kind switch
        {
            Queue => new HeldQueue(directory),
            _ => throw new ScenarioException($"cannot hold a '{kind}'"),
        };
    }

    /// <summary>
    /// A read-only queue with an open tailer. It reads the oldest message and leaves the segment again: a reader that
    /// rested in an old segment would, rightly, keep it from being recycled.
    /// </summary>
    private sealed class HeldQueue : IHeldStorage
    {
        private readonly EstreamQueue _queue;
        private readonly QueueTailer _tailer;

        public HeldQueue(string directory)
        {
            _queue = EstreamQueue.OpenReadOnly(directory);
            _tailer = _queue.CreateTailer();
        }

        public void Touch()
        {
            try
            {
                _tailer.SeekToStart();
                _tailer.TryRead(out _);
                _tailer.SeekToStart();
            }
            catch (EstreamStorageException)
            {
                // The oldest segment was recycled between the two steps.
            }
        }

        public void Dispose()
        {
            _tailer.Dispose();
            _queue.Dispose();
        }
    }
}
