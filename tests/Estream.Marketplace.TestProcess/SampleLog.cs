using System.Globalization;
using System.Text;
using Estream.Core;
using Estream.Crypto;
using Estream.Marketplace.Trust.Log;

namespace Estream.Marketplace.TestProcess;

/// <summary>Extends a log as fast as possible and prints each signed checkpoint.</summary>
internal static class SampleLog
{
    public const string Origin = "example.org/log";

    public static int RunUntilKilled(string directory)
    {
        using TransparencyLog log = Open(directory);
        Console.WriteLine("ready");
        while (true)
        {
            // 37 is coprime to the tile width, so tiles fill at every position of a batch.
            for (int number = 0; number < 37; number++)
            {
                log.Append(Entry(log.Size + number));
            }

            SignedNote note = log.Sign();
            Console.WriteLine($"signed {Convert.ToBase64String(note.Encode())}");
            log.Publish();
        }
    }

    public static TransparencyLog Open(string directory) =>
        TransparencyLog.Open(new TransparencyLogOptions { Directory = directory, Origin = Origin, Signers = Signers() });

    public static NoteSigner[] Signers() =>
        [new NoteSigner(Origin, NoteKeyKind.MlDsa87Cosignature, MlDsa87PrivateKey.ImportSeed(new byte[MlDsa87.SeedBytes]),
            SystemClock.Instance)];

    public static byte[] Entry(long number) => Encoding.ASCII.GetBytes(number.ToString(CultureInfo.InvariantCulture));
}
