using Estream.Testing;

namespace Estream.E2e;

/// <summary>A test that needs a browser and an MQTT client; skipped, naming the package, where one is missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ConsoleFactAttribute : FactAttribute
{
    public ConsoleFactAttribute()
    {
        Skip = MissingPeer;
    }

    internal static string? MissingPeer { get; } = new[] { ("chromium", "chromium"), ("mosquitto_pub", "mosquitto-clients") }
        .Where(peer => Peer.Find(peer.Item1) is null)
        .Select(peer => $"{peer.Item1} is not installed: apt-get install {peer.Item2} (./test.sh does it when run as root on Debian)")
        .FirstOrDefault();
}
