using System.Globalization;
using Estream.Map;
using Estream.Queue;

namespace Estream.Streams.TestProcess.Patterns;

/// <summary>Uploads objects whose bytes are derived from their names, and resumes interrupted uploads.</summary>
public static class MediaProgram
{
    public const int ChunkBytes = 4_096;

    public static string QueueOf(string directory) => Path.Combine(directory, "media");

    public static string StoreOf(string directory) => Path.Combine(directory, "chunks");

    public static byte[] ContentOf(string name)
    {
        int number = int.Parse(name, CultureInfo.InvariantCulture);
        byte[] content = new byte[number % 50_000];
        new Random(number).NextBytes(content);
        return content;
    }

    public static void Upload(EsfMediaUpload upload)
    {
        ReadOnlySpan<byte> rest = ContentOf(upload.Name).AsSpan((int)upload.Length);
        while (rest.Length > 0)
        {
            int count = Math.Min(1_000, rest.Length);
            upload.Write(rest[..count]);
            rest = rest[count..];
        }

        upload.Commit();
    }

    public static int Run(string directory)
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueOf(directory), new QueueOptions { SegmentBytes = 1 << 20 });
        using ByteMap store = ByteMap.Open(StoreOf(directory));
        using var writer = new EsfMediaWriter(queue, store);
        Console.WriteLine("running");
        bool isResuming = true;
        while (true)
        {
            foreach (string id in isResuming ? writer.ListInterrupted() : [])
            {
                using EsfMediaUpload? interrupted = writer.Resume(id);
                Upload(interrupted!);
            }

            using EsfMediaUpload upload =
                writer.Begin(Random.Shared.Next().ToString(CultureInfo.InvariantCulture), "test/random", ChunkBytes);
            Upload(upload);
            if (isResuming)
            {
                Console.WriteLine("under way");
            }

            isResuming = false;
        }
    }
}
