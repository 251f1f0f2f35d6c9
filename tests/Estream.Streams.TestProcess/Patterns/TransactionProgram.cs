using Estream.Iot;
using Estream.Queue;

namespace Estream.Streams.TestProcess.Patterns;

/// <summary>Appends to two queues: each transaction appends one message to one queue and two messages to the other queue. Every fifth
/// transaction is aborted.</summary>
public sealed class TransactionProgram : IDisposable
{
    private readonly EstreamQueue[] _queues;

    public TransactionProgram(string directory)
    {
        _queues = [.. new[] { "log", "left", "right" }.Select(name =>
            EstreamQueue.Open(Path.Combine(directory, name), new QueueOptions { SegmentBytes = 1 << 20 }))];
    }

    public EstreamQueue Log => _queues[0];

    public EstreamQueue Left => _queues[1];

    public EstreamQueue Right => _queues[2];

    public static bool IsGivenUp(double value) => (long)value % 5 == 0;

    public static int Run(string directory)
    {
        using var program = new TransactionProgram(directory);
        using var transactions = new EsfTransactions(program.Log);
        using QueueAppender left = program.Left.CreateAppender(AppenderMode.Exclusive);
        using QueueAppender right = program.Right.CreateAppender();
        Console.WriteLine("running");
        while (true)
        {
            long value = left.NextSequence;
            using EsfTransaction transaction = transactions.Begin();
            Append(transaction, right, value);
            Append(transaction, left, value);
            Append(transaction, right, value + 0.5);
            if (!IsGivenUp(value))
            {
                transaction.Commit();
                if (value % 64 == 1)
                {
                    Console.WriteLine($"committed {value}");
                }
            }
        }
    }

    public static void Append(EsfTransaction transaction, QueueAppender target, double value)
    {
        IoTTelemetry.Writer writer = transaction.Begin<IoTTelemetry.Writer>(200);
        writer.DeviceId = "thing"u8;
        writer.MetricName = "n"u8;
        writer.Value = value;
        transaction.Append(target, in writer);
    }

    /// <summary>Returns all visible messages of a queue.</summary>
    public List<double> Shown(EstreamQueue queue)
    {
        List<double> values = [];
        using QueueTailer tailer = queue.CreateTailer();
        using var reader = new EsfTransactionalTailer<IoTTelemetry.View>(tailer, Log);
        while (reader.TryRead(out EsfMessage<IoTTelemetry.View> message))
        {
            values.Add(message.View.Value);
        }

        return values;
    }

    public void Dispose()
    {
        foreach (EstreamQueue queue in _queues)
        {
            queue.Dispose();
        }
    }
}
