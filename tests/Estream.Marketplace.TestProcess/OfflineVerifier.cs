using System.Net;
using System.Net.Sockets;
using Estream.Core;
using Estream.Crypto;
using Estream.Marketplace.Trust.Bundles;
using Estream.Marketplace.Trust.Dsse;
using Estream.Marketplace.Trust.Log;
using Estream.Marketplace.Trust.Roles;

namespace Estream.Marketplace.TestProcess;

/// <summary>Verifies a bundle and, if requested, prints the result of a network call.</summary>
internal static class OfflineVerifier
{
    public static int Run(string bundle, string keys, bool probes)
    {
        // The file has two log keys, one witness key, and the keys of snapshot, timestamp and policy.
        string[] lines = File.ReadAllLines(keys);
        NoteKey[] notes = [.. lines[..3].Select(line => NoteKey.TryParse(line, out NoteKey? key) ? key : throw new FormatException(line))];
        RoleKeys[] roles =
            [.. lines[3..].Select(line => new RoleKeys([new DocumentKey(MlDsa87PublicKey.Import(Convert.FromBase64String(line)))], 1))];
        BundleTrust trust = new(new LogPolicy(notes[0].Name, notes[..2], notes[2..], 1), roles[0], roles[1], roles[2]);
        BundleVerdict verdict = new BundleVerifier(trust, SystemClock.Instance, TimeSpan.FromDays(1)).Verify(File.ReadAllBytes(bundle));
        Console.WriteLine(verdict.IsAccepted
            ? $"accepted {verdict.Release.Name} {verdict.Release.Version}" : $"refused {verdict.Fault}: {verdict.Reason}");
        if (probes)
        {
            Console.WriteLine($"network: {Probe()}");
        }

        return verdict.IsAccepted ? 0 : 1;
    }

    // In an empty network namespace, even the loopback interface is down.
    private static SocketError Probe()
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Connect(IPAddress.Loopback, 9);
            return SocketError.Success;
        }
        catch (SocketException refused)
        {
            return refused.SocketErrorCode;
        }
    }
}
