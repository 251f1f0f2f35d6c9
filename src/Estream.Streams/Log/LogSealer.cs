using Estream.Core;
using Estream.Queue;

namespace Estream.Streams.Log;

/// <summary>Makes the output queue of a pipeline a permanent log, and seals it: when the pipeline is opened and disposed, and after every
/// <see cref="SealEvery"/> results. Used on the thread of the pipeline.</summary>
internal sealed class LogSealer : IDisposable
{
    /// <summary>The number of results between two seals.</summary>
    public const int SealEvery = 4_096;

    private readonly EsfLog _log;
    private readonly QueueAppender _appender;
    private long _unsealed;

    /// <param name="output">The queue.</param>
    /// <exception cref="EstreamStorageException">The queue has already reclaimed messages.</exception>
    /// <exception cref="EstreamCorruptionException">The log was truncated or damaged.</exception>
    public LogSealer(EstreamQueue output)
    {
        _log = new EsfLog(output);
        _appender = output.CreateAppender();
        try
        {
            Seal();
        }
        catch
        {
            _appender.Dispose();
            throw;
        }
    }

    /// <summary>Counts results that were committed, and seals the log if there are enough.</summary>
    public void Count(int results)
    {
        _unsealed += results;
        if (_unsealed >= SealEvery)
        {
            Seal();
        }
    }

    public void Dispose()
    {
        try
        {
            Seal();
        }
        catch (EstreamException)
        {
            // The next opening seals the log, or reports the damage.
        }

        _appender.Dispose();
    }

    private void Seal()
    {
        try
        {
            _ = _log.Seal(_appender);
        }
        catch (EstreamLeaseException)
        {
            // Another program seals the log now.
        }

        _unsealed = 0;
    }
}
