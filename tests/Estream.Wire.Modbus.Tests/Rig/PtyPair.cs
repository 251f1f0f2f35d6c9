using Estream.Testing;

namespace Estream.Wire.Modbus.Tests.Rig;

/// <summary>Two pseudo terminals that socat connects: a serial line without a cable.</summary>
internal sealed class PtyPair : IDisposable
{
    private readonly TempDirectory _folder = new();
    private readonly ChildProcess _socat;

    public PtyPair()
    {
        Master = _folder.Combine("master");
        Device = _folder.Combine("device");
        _socat = ChildProcess.Start(Peer.Require("socat", "socat"), [$"pty,raw,echo=0,link={Master}", $"pty,raw,echo=0,link={Device}"]);
        Eventually.True(() => File.Exists(Master) && File.Exists(Device), "socat has made both terminals");
    }

    /// <summary>The end of the client.</summary>
    public string Master { get; }

    /// <summary>The end of the device.</summary>
    public string Device { get; }

    public void Dispose()
    {
        _socat.Dispose();
        _folder.Dispose();
    }
}
