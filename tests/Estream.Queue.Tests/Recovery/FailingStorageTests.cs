using Estream.Core;
using Estream.Queue.TestProcess;
using Estream.Queue.Tests.Support;

namespace Estream.Queue.Tests;

/// <summary>Repeats a session, each time with another storage operation failing, once or permanently, before or after it is done, until no
/// operation is left. Whatever fails, no committed message is lost and the queue continues afterwards.</summary>
public sealed class FailingStorageTests : QueueCase
{
    private const int MostOperations = 2_000;
    private const int Messages = 900;

    private long _acknowledged;
    private bool _nameIsKnown;

    [Theory]
    [InlineData(Failure.Once, 0, false)]
    [InlineData(Failure.Once, 1, false)]
    [InlineData(Failure.Once, 1, true)]
    [InlineData(Failure.OnceAfterItIsDone, 0, false)]
    [InlineData(Failure.OnceAfterItIsDone, 1, false)]
    [InlineData(Failure.OnceAfterItIsDone, 1, true)]
    [InlineData(Failure.ForGood, 0, false)]
    [InlineData(Failure.ForGood, 1, false)]
    [InlineData(Failure.ForGood, 1, true)]
    [InlineData(Failure.ForGoodAfterItIsDone, 0, false)]
    [InlineData(Failure.ForGoodAfterItIsDone, 1, false)]
    [InlineData(Failure.ForGoodAfterItIsDone, 1, true)]
    public void Nothing_committed_is_lost_when_any_storage_call_fails(Failure failure, int retainedSegments, bool encrypted)
    {
        int failAt = 1;
        bool reached = true;
        for (; reached; failAt++)
        {
            Assert.InRange(failAt, 1, MostOperations);
            if (Directory.Exists(QueueDirectory))
            {
                Directory.Delete(QueueDirectory, recursive: true);
            }

            var storage = new FailingStorage(failure, failAt);
            QueueOptions options = SmallWith(encrypted) with { Storage = storage, RetainedBytes = retainedSegments * SegmentBytes };
            (_acknowledged, _nameIsKnown) = (0, false);
            bool whole = failure is Failure.Once or Failure.OnceAfterItIsDone;
            RunSession(options, whole ? 20 : 1);
            reached = storage.HasFailed;
            storage.Heal();
            Assert.True(!whole || _acknowledged == Messages, $"operation {failAt}: the session did not get to its end");
            AssertNothingLost(failAt, options);
        }

        // The last session had no failure and went through all steps at which the others stopped.
        Assert.Equal(retainedSegments > 0, !File.Exists(SegmentFile(0)));

        Assert.True(failAt > 20, $"only {failAt} operations were made to fail");
    }

    private void RunSession(QueueOptions options, int attempts)
    {
        for (int attempt = 0; attempt < attempts && _acknowledged < Messages; attempt++)
        {
            try
            {
                using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, options);
                using QueueTailer named = queue.CreateTailer("name");
                _nameIsKnown = true;
                using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
                _acknowledged = appender.NextSequence;
                for (int failures = 0; failures < attempts && _acknowledged < Messages;)
                {
                    failures += TryAppend(appender) && TryRead(named) ? 0 : 1;
                }
            }
            catch (EstreamStorageException madeToFail) when (madeToFail.Message.StartsWith("Made to fail", StringComparison.Ordinal))
            {
                // The next attempt opens the queue again.
            }
        }
    }

    private bool TryAppend(QueueAppender appender)
    {
        Span<byte> message = stackalloc byte[SeededMessage.MaxBytes];
        int length = SeededMessage.Write(_acknowledged, message);
        try
        {
            using AppendClaim claim = appender.Claim(length + 100);
            message[..length].CopyTo(claim.Span);
            claim.Commit(length);
            _acknowledged++;
            return true;
        }
        catch (EstreamStorageException)
        {
            return false;
        }
    }

    private static bool TryRead(QueueTailer tailer)
    {
        try
        {
            tailer.TryRead(out _);
            return true;
        }
        catch (EstreamStorageException)
        {
            return false;
        }
    }

    private void AssertNothingLost(int failAt, QueueOptions options)
    {
        try
        {
            using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, options);
            using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
            Assert.Equal(_acknowledged, appender.NextSequence);
            AppendUpTo(appender, _acknowledged + 100);
            QueueInfo info = queue.GetInfo();

            // With retention the start of the log may move right after it was read.
            long? first = options.RetainedBytes == 0 ? 0 : null;
            Assert.Equal(first ?? info.FirstSequence, info.FirstSequence);
            Assert.Equal(appender.NextSequence, ReadToEnd(queue.CreateTailer(), first));
            QueueVerification verification = queue.Verify();
            Assert.True(verification.IsWhole, verification.Damage?.Reason);
            using QueueTailer named = queue.CreateTailer("name");
            Assert.True(named.TryRead(out QueueMessage next));
            Assert.InRange(next.Sequence, _nameIsKnown ? 0 : info.FirstSequence, appender.NextSequence);
            appender.Dispose();
            Assert.Empty(Directory.GetFiles(QueueDirectory, "spare.new"));
        }
        catch (Exception error)
        {
            throw new InvalidOperationException($"with operation {failAt} failing: {error.Message}", error);
        }
    }
}
