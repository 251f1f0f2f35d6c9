namespace Estream.Host.Tests.Process.Outages;

/// <summary>A peer of one adapter of a host. Sends numbered messages, or has numbered values, until stopped.</summary>
internal interface IFieldPeer : IAsyncDisposable
{
    /// <summary>The name of the adapter.</summary>
    string Name { get; }

    /// <summary>The settings of the adapter.</summary>
    object Adapter { get; }

    /// <summary>The number of messages that the host has acknowledged, or of values that it has stored.</summary>
    int Progress { get; }

    /// <summary>Begins to work. The host is ready.</summary>
    void Start();

    /// <summary>Ends all connections without notice, and accepts no others until <see cref="Restart"/>.</summary>
    void Kill();

    /// <summary>Works again after <see cref="Kill"/>.</summary>
    void Restart();

    /// <summary>Sends no more, and waits until everything has arrived at the host.</summary>
    Task StopAsync();

    /// <summary>Checks that the queues of the host have everything that it has acknowledged.</summary>
    void AssertStored();
}
