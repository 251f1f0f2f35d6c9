using Estream.Testing;

namespace Estream.E2e;

/// <summary>One host under load and one browser, shared by all tests that only look at pages.</summary>
public sealed class ConsoleFixture : IAsyncLifetime
{
    private Fleet? _fleet;
    private Chromium? _chromium;
    private RunningHost? _host;

    internal RunningHost Host => _host!;

    internal Chromium Chromium => _chromium!;

    public async Task InitializeAsync()
    {
        if (ConsoleFactAttribute.MissingPeer is not null)
        {
            return; // Every test of the collection is skipped and states why.
        }

        _host = new RunningHost();
        _fleet = new Fleet(_host.MqttPort);
        _chromium = await Chromium.LaunchAsync();
    }

    public async Task DisposeAsync()
    {
        await (_chromium?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (_fleet?.DisposeAsync() ?? ValueTask.CompletedTask);
        _host?.Dispose();
    }
}

[CollectionDefinition(Name)]
public sealed class ConsoleCollection : ICollectionFixture<ConsoleFixture>
{
    public const string Name = "console";
}

/// <summary>A test that needs a browser and an MQTT client; skipped, naming the missing package, if one is missing.</summary>
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

/// <summary>The theory form of <see cref="ConsoleFactAttribute"/>.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ConsoleTheoryAttribute : TheoryAttribute
{
    public ConsoleTheoryAttribute()
    {
        Skip = ConsoleFactAttribute.MissingPeer;
    }
}
