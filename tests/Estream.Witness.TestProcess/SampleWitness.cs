using System.Buffers.Binary;
using Estream.Crypto;
using Estream.Queue;

namespace Estream.Witness.TestProcess;

/// <summary>A queue of numbered messages, its appender, and its witness.</summary>
public static class SampleWitness
{
    /// <summary>Small segments, so that crashes also happen at the ends of segments.</summary>
    public static QueueOptions Options { get; } = new() { SegmentBytes = 1 << 20 };

    /// <summary>Frequent attestations, so that crashes interrupt some.</summary>
    public static WitnessOptions Bounds { get; } = new() { MaxMessages = 700, MaxDelay = TimeSpan.FromMilliseconds(1) };

    public static EstreamQueue OpenQueue(string directory) => EstreamQueue.Open(Path.Combine(directory, "log"), Options);

    public static EstreamQueue OpenWitness(string directory) => EstreamQueue.Open(Path.Combine(directory, "log.witness"), Options);

    /// <summary>Appends and attests until killed.</summary>
    public static int RunUntilKilled(string directory, string keyFile)
    {
        const long Somewhere = 3_000;
        using EstreamQueue queue = OpenQueue(directory), attestations = OpenWitness(directory);
        using MlDsa87PrivateKey key = MlDsa87.Import(keyFile);
        using QueueWitness witness = QueueWitness.Open(queue, attestations, key, Bounds);
        Console.WriteLine("running");
        long before = witness.Attested;
        Start(() => Append(queue));
        Start(() => witness.Run(CancellationToken.None));
        while (witness.Attested < before + Somewhere)
        {
            Thread.Sleep(1);
        }

        Console.WriteLine("under way");
        while (Console.ReadLine() is not null)
        {
        }

        return 0;
    }

    private static void Append(EstreamQueue queue)
    {
        const int Burst = 200;
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        byte[] payload = new byte[300];
        while (true)
        {
            for (int at = 0; at < Burst; at++)
            {
                long number = appender.NextSequence;
                BinaryPrimitives.WriteInt64LittleEndian(payload, number);
                appender.Append(payload.AsSpan(0, 8 + (int)(number * 31 % 290)));
            }

            Thread.Sleep(1);
        }
    }

    /// <summary>Runs work on a thread that ends with the process.</summary>
    public static void Start(ThreadStart work) => new Thread(work) { IsBackground = true }.Start();
}
