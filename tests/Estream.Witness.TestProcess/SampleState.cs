using System.Buffers.Binary;
using Estream.Crypto;
using Estream.Map;
using Estream.Queue;

namespace Estream.Witness.TestProcess;

/// <summary>A map of bytes, its change feed, and the witness that attests its state.</summary>
public static class SampleState
{
    private const int Keys = 900;

    // The number of changes after which several attestations exist.
    private const long Somewhere = 1_500;

    /// <summary>Frequent attestations, so that crashes interrupt some.</summary>
    public static WitnessOptions Bounds { get; } = new()
    {
        MaxMessages = 300,
        MaxDelay = TimeSpan.FromMilliseconds(1),
        IsChangeFeed = true,
    };

    public static EstreamQueue OpenFeed(string directory) => EstreamQueue.Open(Path.Combine(directory, "feed"), SampleWitness.Options);

    public static EstreamQueue OpenWitness(string directory) =>
        EstreamQueue.Open(Path.Combine(directory, "feed.witness"), SampleWitness.Options);

    public static ByteMap OpenMap(string directory, QueueChangeSink sink) =>
        ByteMap.Open(Path.Combine(directory, "map"), new ByteMapOptions { Changes = sink });

    /// <summary>Changes the map and attests its state until killed.</summary>
    public static int RunUntilKilled(string directory, string keyFile)
    {
        using EstreamQueue feed = OpenFeed(directory), attestations = OpenWitness(directory);
        using QueueChangeSink sink = new(feed);
        using ByteMap map = OpenMap(directory, sink);
        using MlDsa87PrivateKey key = MlDsa87.Import(keyFile);
        using QueueWitness witness = QueueWitness.Open(feed, attestations, key, Bounds);
        Console.WriteLine("running");
        long before = witness.Attested;
        SampleWitness.Start(() => witness.Run(CancellationToken.None));
        SampleWitness.Start(() => Change(map));
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

    private static void Change(ByteMap map)
    {
        const int Burst = 100;
        Random random = new();
        byte[] key = new byte[8], value = new byte[60];
        while (true)
        {
            for (int at = 0; at < Burst; at++)
            {
                BinaryPrimitives.WriteInt64LittleEndian(key, random.Next(Keys));
                random.NextBytes(value);
                switch (random.Next(1_000))
                {
                    case 0:
                        map.Clear();
                        break;
                    case < 300:
                        map.Remove(key);
                        break;
                    default:
                        map.Put(key, value.AsSpan(0, random.Next(value.Length)));
                        break;
                }
            }

            Thread.Sleep(1);
        }
    }
}
