using System.Globalization;
using System.Net.Sockets;
using Estream.Testing;

namespace Estream.Wire.Modbus.Tests.Rig;

/// <summary>The server of pymodbus, an independent implementation, as a process.</summary>
internal sealed class PymodbusServer : IDisposable
{
    /// <summary>The file to look for, and the Debian package that has it.</summary>
    public const string File = "/usr/lib/python3/dist-packages/pymodbus/__init__.py";
    public const string Package = "python3-pymodbus";

    private readonly ChildProcess _process;

    private PymodbusServer(int port, params string[] arguments)
    {
        Port = port;
        _process = ChildProcess.Start("/usr/bin/python3", [Script("pymodbus_server.py"), .. arguments]);
        _process.WaitForText("ready");
    }

    public int Port { get; }

    public static string Script(string name) => RepositoryRoot.Combine("tests", "Estream.Wire.Modbus.Tests", "Rig", name);

    public static PymodbusServer StartTcp()
    {
        int port = FreePort.Next();
        PymodbusServer server = new(port, "tcp", port.ToString(CultureInfo.InvariantCulture));
        Eventually.True(() => Accepts(port), "pymodbus accepts connections");
        return server;
    }

    public static PymodbusServer StartRtu(string device, int baud) =>
        new(0, "rtu", device, baud.ToString(CultureInfo.InvariantCulture));

    public void Dispose() => _process.Dispose();

    private static bool Accepts(int port)
    {
        try
        {
            using TcpClient client = new("127.0.0.1", port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
