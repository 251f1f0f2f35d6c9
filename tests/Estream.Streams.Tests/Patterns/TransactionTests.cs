using Estream.Core;
using Estream.Iot;
using Estream.Queue;
using Estream.Streams.TestProcess.Patterns;
using Estream.Testing;

namespace Estream.Streams.Tests.Patterns;

/// <summary>Transactions: all messages become visible or none, in all queues, whatever crashes and when.</summary>
public sealed class TransactionTests : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly TransactionProgram _queues;

    public TransactionTests()
    {
        _queues = new TransactionProgram(_directory.Path);
    }

    public void Dispose()
    {
        _queues.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void Invalid_arguments_are_refused()
    {
        using var transactions = new EsfTransactions(_queues.Log);
        Assert.Throws<EstreamLeaseException>(() => new EsfTransactions(_queues.Log));
        using QueueAppender left = _queues.Left.CreateAppender();
        EsfTransaction transaction = transactions.Begin();
        Assert.Throws<InvalidOperationException>(() => transactions.Begin());
        Assert.Throws<ArgumentException>(() => transaction.Append(left, IoTTelemetry.Write(new byte[200])));
        Assert.Throws<ArgumentException>(() => transaction.Append(left, new byte[2 << 20]));
        Assert.Equal(0, transaction.Count);
        transaction.Commit();
        Assert.Throws<InvalidOperationException>(transaction.Commit);
        Assert.Throws<InvalidOperationException>(() => transaction.Append(left, "late"u8));
        Assert.Throws<InvalidOperationException>(() => transaction.Begin<IoTTelemetry.Writer>(200));
        transaction.Dispose();
        transactions.Dispose();
        Assert.Throws<ObjectDisposedException>(() => transactions.Begin());
        using (QueueAppender stranger = _queues.Right.CreateAppender())
        {
            stranger.Append("no record"u8);
        }

        Assert.Throws<EstreamFormatException>(() => new EsfTransactions(_queues.Right));
    }

    [Fact]
    public void Messages_become_visible_in_all_queues_with_the_commit()
    {
        using var transactions = new EsfTransactions(_queues.Log);
        using QueueAppender left = _queues.Left.CreateAppender();
        using QueueAppender right = _queues.Right.CreateAppender();
        using (EsfTransaction transaction = transactions.Begin())
        {
            TransactionProgram.Append(transaction, left, 1);
            TransactionProgram.Append(transaction, right, 2);
            Assert.Empty(_queues.Shown(_queues.Left));
            Assert.Empty(_queues.Shown(_queues.Right));
            transaction.Commit();
            Assert.Equal([1], _queues.Shown(_queues.Left));
            Assert.Equal([2], _queues.Shown(_queues.Right));
        }

        using QueueTailer plain = _queues.Left.CreateTailer();
        Assert.False(new EsfTailer<IoTTelemetry.View>(plain).TryRead(out _));
    }

    [Fact]
    public void Aborted_messages_are_never_seen_and_block_no_reader()
    {
        using var transactions = new EsfTransactions(_queues.Log);
        using QueueAppender left = _queues.Left.CreateAppender();
        using (EsfTransaction transaction = transactions.Begin())
        {
            TransactionProgram.Append(transaction, left, 1);
        }

        transactions.Begin().Dispose();
        Transact(transactions, left, 2);
        Assert.Equal([2], _queues.Shown(_queues.Left));
    }

    [Fact]
    public void Reader_waits_at_an_undecided_message_without_consuming_it()
    {
        using var transactions = new EsfTransactions(_queues.Log);
        using QueueAppender left = _queues.Left.CreateAppender();
        AppendPlain(left, 1);
        using EsfTransaction transaction = transactions.Begin();
        TransactionProgram.Append(transaction, left, 2);
        AppendPlain(left, 3);
        using (QueueTailer tailer = _queues.Left.CreateTailer("reader"))
        {
            using var reader = new EsfTransactionalTailer<IoTTelemetry.View>(tailer, _queues.Log);
            Assert.True(reader.TryRead(out EsfMessage<IoTTelemetry.View> first));
            Assert.Equal(1, first.View.Value);
            Assert.False(reader.IsWaiting);
            Assert.False(reader.TryRead(out _));
            Assert.True(reader.IsWaiting);
            Assert.False(reader.TryRead(out _));
        }

        using QueueTailer again = _queues.Left.CreateTailer("reader");
        using var other = new EsfTransactionalTailer<IoTTelemetry.View>(again, _queues.Log);
        Assert.False(other.TryRead(out _));
        transaction.Commit();
        Assert.True(other.TryRead(out EsfMessage<IoTTelemetry.View> second));
        Assert.Equal(2, second.View.Value);
        Assert.True(other.TryRead(out EsfMessage<IoTTelemetry.View> third));
        Assert.Equal(3, third.View.Value);
        Assert.Equal(0, other.Passed);
    }

    [Fact]
    public void Undecided_transaction_is_aborted_when_the_log_is_reopened()
    {
        byte[] part;
        using (QueueAppender left = _queues.Left.CreateAppender())
        {
            using var transactions = new EsfTransactions(_queues.Log);
            Transact(transactions, left, 1);
            EsfTransaction transaction = transactions.Begin();
            TransactionProgram.Append(transaction, left, 2);
            part = LastMessage(_queues.Left);
        }

        // The transaction above was aborted explicitly. The undecided transaction of a crashed process has the number that the next opening
        // of the log takes.
        using QueueAppender again = _queues.Left.CreateAppender();
        byte[] undecided = WithNumber(part, _queues.Log.GetInfo().NextSequence);
        again.Append(undecided);
        AppendPlain(again, 3);
        Assert.Equal([1], _queues.Shown(_queues.Left));
        using var reopened = new EsfTransactions(_queues.Log);
        Assert.Equal([1, 3], _queues.Shown(_queues.Left));
        Transact(reopened, again, 4);
        Assert.Equal([1, 3, 4], _queues.Shown(_queues.Left));
    }

    [Fact]
    public void Message_with_the_number_of_another_transaction_does_not_belong_to_it()
    {
        using var transactions = new EsfTransactions(_queues.Log);
        using QueueAppender left = _queues.Left.CreateAppender();
        using (EsfTransaction transaction = transactions.Begin())
        {
            TransactionProgram.Append(transaction, left, 1);
        }

        byte[] undone = LastMessage(_queues.Left);
        left.Append(WithNumber(undone, _queues.Log.GetInfo().NextSequence));
        Transact(transactions, left, 2);
        Assert.Equal([2], _queues.Shown(_queues.Left));
    }

    [Fact]
    public void Message_of_another_log_throws_and_is_not_consumed()
    {
        using EstreamQueue other = EstreamQueue.Open(_directory.Combine("other"), new QueueOptions { SegmentBytes = 1 << 20 });
        using var others = new EsfTransactions(other);
        using var transactions = new EsfTransactions(_queues.Log);
        using QueueAppender left = _queues.Left.CreateAppender();
        Transact(others, left, 1);
        using QueueTailer tailer = _queues.Left.CreateTailer();
        using var reader = new EsfTransactionalTailer<IoTTelemetry.View>(tailer, _queues.Log);
        for (int i = 0; i < 2; i++)
        {
            Assert.Contains("another log", Assert.Throws<EstreamFormatException>(() => reader.TryRead(out _)).Message,
                StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Durable_transaction_is_flushed_when_the_commit_returns()
    {
        using var transactions = new EsfTransactions(_queues.Log);
        using QueueAppender left = _queues.Left.CreateAppender();
        using (EsfTransaction transaction = transactions.Begin(isDurable: true))
        {
            TransactionProgram.Append(transaction, left, 1);
            transaction.Commit();
        }

        Assert.True(_queues.Left.DurablePosition >= _queues.Left.GetInfo().EndPosition);
        Assert.True(_queues.Log.DurablePosition >= _queues.Log.GetInfo().EndPosition);
    }

    [Fact]
    public void Reading_allocates_nothing()
    {
        using var transactions = new EsfTransactions(_queues.Log);
        using QueueAppender left = _queues.Left.CreateAppender();
        for (int i = 0; i < 1_000; i++)
        {
            Transact(transactions, left, i);
        }

        using QueueTailer tailer = _queues.Left.CreateTailer();
        using var reader = new EsfTransactionalTailer<IoTTelemetry.View>(tailer, _queues.Log);
        double sum = 0;
        Assert.Equal(0,
            AllocationMeter.OnThisThread(500,
                () => sum += reader.TryRead(out EsfMessage<IoTTelemetry.View> message) ? message.View.Value : double.NaN));
        Assert.True(sum > 0);
    }

    [Fact]
    public void After_crashes_each_transaction_is_visible_completely_or_not_at_all()
    {
        double last = -1;
        KillLoop.Run("transaction", _directory.Path, LongRun.Count(8, 200), seed: 5, longestMs: 60,
            child => child.WaitForText("committed "), (kill, child) =>
        {
            last = child.WaitForExit().Output.Split('\n').Where(line => line.StartsWith("committed ", StringComparison.Ordinal))
                .Select(line => double.Parse(line[10..], System.Globalization.CultureInfo.InvariantCulture)).Append(last).Max();
            CheckShown(last);
            if (kill % 3 == 0)
            {
                using var opened = new EsfTransactions(_queues.Log);
                CheckShown(last);
            }
        });

        Assert.True(last > 0, "Nothing was committed before the kills.");
    }

    private void CheckShown(double committed)
    {
        List<double> left = _queues.Shown(_queues.Left);
        List<double> right = _queues.Shown(_queues.Right);
        Assert.Equal(left.SelectMany(value => new[] { value, value + 0.5 }), right);
        Assert.DoesNotContain(left, TransactionProgram.IsGivenUp);
        Assert.True(committed < 0 || left.Contains(committed), $"{committed} was committed and is not there.");
    }

    private static void Transact(EsfTransactions transactions, QueueAppender target, double value)
    {
        using EsfTransaction transaction = transactions.Begin();
        TransactionProgram.Append(transaction, target, value);
        transaction.Commit();
    }

    private static void AppendPlain(QueueAppender appender, double value)
    {
        using EsfClaim<IoTTelemetry.Writer> claim = new EsfAppender<IoTTelemetry.Writer>(appender).Claim(200);
        IoTTelemetry.Writer writer = claim.Begin();
        writer.DeviceId = "plain"u8;
        writer.MetricName = "n"u8;
        writer.Value = value;
        claim.Commit(writer);
    }

    private static byte[] LastMessage(EstreamQueue queue)
    {
        using QueueTailer tailer = queue.CreateTailer();
        byte[] last = [];
        while (tailer.TryRead(out QueueMessage message))
        {
            last = message.Payload.ToArray();
        }

        return last;
    }

    /// <summary>Returns the same message with another transaction number, which is the first field after the header.</summary>
    private static byte[] WithNumber(byte[] part, long number)
    {
        byte[] other = [.. part];
        BitConverter.TryWriteBytes(other.AsSpan(Esf.EsfMessageHeader.Length), number);
        return other;
    }
}
