using System.Globalization;
using Estream.Crypto;
using Estream.Queue;

namespace Estream.Streams.TestProcess.Patterns;

/// <summary>A party of a session, which starts when it receives a line.</summary>
public static class MpcProgram
{
    public const int Parties = 3;
    public const int Party = 2;
    public const ulong Number = 3;

    public static QueueOptions Options { get; } = new() { SegmentBytes = 4 << 20 };

    public static string TranscriptOf(string directory) => Path.Combine(directory, "transcript");

    public static string SessionOf(string directory) => Path.Combine(directory, "session");

    public static string KeyOf(string directory) => Path.Combine(directory, "party.key.pem");

    public static string PublicKeyOf(string directory, int party) => Path.Combine(directory, $"{party}.pub.pem");

    public static int Run(string directory)
    {
        MpcParty[] parties = [.. Enumerable.Range(0, Parties)
            .Select(each => new MpcParty($"party {each}", MlKem1024KeyFile.ReadPublic(PublicKeyOf(directory, each))))];
        using MlKem1024PrivateKey key = MlKem1024KeyFile.ReadPrivate(KeyOf(directory));
        using EstreamQueue transcript = EstreamQueue.Open(TranscriptOf(directory), Options);
        long session = long.Parse(File.ReadAllText(SessionOf(directory)), CultureInfo.InvariantCulture);
        using MpcSumParty party = new(transcript, session, parties, Party, key, Number);
        Console.WriteLine("running");
        Console.ReadLine();
        while (party.Step() == MpcState.Running)
        {
            _ = party.Tailer.WaitToRead(TimeSpan.FromMilliseconds(10));
        }

        Console.WriteLine($"over: {party.State}");
        return 0;
    }
}
