using Estream.Testing;

namespace Estream.Wire.Mqtt.Tests.Peers;

/// <summary>The command-line clients of mosquitto.</summary>
internal static class MosquittoTools
{
    public const string Package = "mosquitto-clients";

    /// <summary>Runs `mosquitto_pub -V 5 -h localhost` with additional arguments.</summary>
    public static ProcessResult Publish(int port, params string[] arguments)
    {
        return PublishAs("5", port, arguments);
    }

    /// <summary>Runs mosquitto_pub with another protocol version, 311 or 5.</summary>
    public static ProcessResult PublishAs(string version, int port, params string[] arguments)
    {
        return ChildProcess.Run(
            Peer.Require("mosquitto_pub", Package), ["-V", version, "-h", "localhost", "-p", $"{port}", .. arguments]);
    }

    /// <summary>Starts `mosquitto_sub -V 5 -h localhost` with additional arguments.</summary>
    public static ChildProcess Subscribe(int port, params string[] arguments)
    {
        return SubscribeAs("5", port, arguments);
    }

    /// <summary>Starts mosquitto_sub with another protocol version, 311 or 5.</summary>
    public static ChildProcess SubscribeAs(string version, int port, params string[] arguments)
    {
        // stdbuf makes the subscriber write each line immediately. By default, it writes to a pipe only in blocks of 4 KiB.
        return ChildProcess.Start(
            "stdbuf", ["-oL", Peer.Require("mosquitto_sub", Package), "-V", version, "-h", "localhost", "-p", $"{port}", "-d",
                .. arguments]);
    }

    /// <summary>Writes a password file with one user.</summary>
    public static void WritePassword(string file, string user, string password)
    {
        ChildProcess.Run(Peer.Require("mosquitto_passwd", MosquittoBroker.Package), ["-b", "-c", file, user, password]).EnsureSuccess();
    }
}
