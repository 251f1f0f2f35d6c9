using Estream.Queue;
using Estream.Scenarios.Harness;

namespace Estream.Scenarios.Product;

/// <summary>The process that reclaims the slot of a killed writer.</summary>
internal enum Heir
{
    /// <summary>A process with an appender; the reader may not write and waits for it.</summary>
    Writer,

    /// <summary>The reader itself, which may write.</summary>
    Reader,

    /// <summary>An appender that is created after the writer was killed; the reader may not write.</summary>
    NextWriter,
}

/// <summary>
/// The <c>estream</c> row of `writer-death`: a writer is killed between claim and commit. The time is measured from the signal until a
/// reader has the message after the claimed slot.
/// </summary>
internal sealed class WriterDeathContender : IContender
{
    private readonly Heir _heir;
    private readonly Samples _samples;
    private readonly int _kills;
    private readonly EstreamQueue _queue;
    private readonly EstreamQueue? _readOnly;
    private readonly QueueAppender? _appender;
    private readonly QueueTailer _tailer;
    private readonly IDisposable _holder;

    public WriterDeathContender(ContenderContext context, Heir heir)
    {
        _heir = heir;
        _kills = (int)context.Size.Of(20, 2);
        _samples = new Samples(_kills);
        _queue = EstreamQueue.Open(context.Directory);
        _appender = heir == Heir.Writer ? _queue.CreateAppender() : null;
        _readOnly = heir == Heir.Reader ? null : EstreamQueue.OpenReadOnly(context.Directory);
        _tailer = (_readOnly ?? _queue).CreateTailer();
        _holder = Holder.Start(HeldStorage.Queue, context.Directory);
    }

    public RunResult Run()
    {
        for (int kill = 0; kill < _kills; kill++)
        {
            using ChildProcess writer = DoomedWriter.Start(_queue.Directory);
            if (_tailer.TryRead(out _))
            {
                throw new ScenarioException("a message after a claimed slot was read, so there is nothing to measure");
            }

            long before = Samples.Now();
            writer.Kill();
            using (_heir == Heir.NextWriter ? _queue.CreateAppender() : null)
            {
                while (!_tailer.TryRead(out _))
                {
                    Thread.Sleep(0);
                }

                _samples.Set(kill, before, Samples.Now());
            }
        }

        return _samples.Round((ulong)_kills);
    }

    public void Dispose()
    {
        _holder.Dispose();
        _tailer.Dispose();
        _appender?.Dispose();
        _readOnly?.Dispose();
        _queue.Dispose();
    }
}
