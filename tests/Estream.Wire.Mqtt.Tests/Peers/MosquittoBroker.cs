using System.Net;
using System.Net.Sockets;
using Estream.Testing;

namespace Estream.Wire.Mqtt.Tests.Peers;

/// <summary>A real mosquitto on a loopback port, with its own folder. It can be killed and started again.</summary>
internal sealed class MosquittoBroker : IDisposable
{
    public const string Package = "mosquitto";

    private readonly TempDirectory _folder = new();
    private readonly string _configuration;
    private ChildProcess? _process;

    /// <param name="settings">Additional lines of mosquitto.conf; {folder} is replaced by the broker's folder.</param>
    /// <param name="prepare">Writes the files that the settings name.</param>
    public MosquittoBroker(string settings = "allow_anonymous true", Action<TempDirectory>? prepare = null)
    {
        Port = FreePort.Next();
        prepare?.Invoke(_folder);
        _configuration = _folder.Combine("mosquitto.conf");
        File.WriteAllText(
            _configuration,
            $"listener {Port} 127.0.0.1\nuser root\n{settings.Replace("{folder}", _folder.Path, StringComparison.Ordinal)}\n");
        Start();
    }

    public int Port { get; }

    public string Folder => _folder.Path;

    public string Log => _process?.Error ?? "";

    public void Start()
    {
        _process = ChildProcess.Start(Peer.Require("mosquitto", Package), ["-c", _configuration, "-v"]);
        Eventually.True(Accepts, $"mosquitto listens on {Port}");
    }

    /// <summary>Sends SIGKILL: nothing is flushed, and no client is notified.</summary>
    public void Kill()
    {
        _process?.Kill();
        _process?.Dispose();
        _process = null;
    }

    /// <summary>Sends SIGTERM: mosquitto writes its store and exits.</summary>
    public void Terminate()
    {
        _process!.Signal("TERM");
        _process.WaitForExit();
        _process.Dispose();
        _process = null;
    }

    /// <summary>Sends a signal: "STOP" suspends the broker, which then stays connected but silent.</summary>
    public void Signal(string name)
    {
        _process!.Signal(name);
    }

    /// <summary>Makes mosquitto write its store to disk now, as it does after every autosave_interval, and waits for the file.</summary>
    public void SaveAndWait()
    {
        string store = _folder.Combine("mosquitto.db");
        DateTime before = File.GetLastWriteTimeUtc(store);
        _process!.Signal("USR1");
        Eventually.True(() => File.GetLastWriteTimeUtc(store) > before, "mosquitto has written its store");
    }

    public void Dispose()
    {
        _process?.Dispose();
        _folder.Dispose();
    }

    private bool Accepts()
    {
        if (_process!.HasExited)
        {
            throw new InvalidOperationException($"mosquitto ended: {_process.Error}");
        }

        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Connect(IPAddress.Loopback, Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
