using System.CommandLine;
using Estream.Wire.Modbus;
using Estream.Wire.Tools.Recording;

namespace Estream.Cli.Commands.Modbus;

/// <summary>The argument and options that say which device a command talks to.</summary>
internal sealed class ModbusTarget
{
    private const int MaxTimeoutMs = 60_000;

    private readonly Argument<string> _address = new("HOST:PORT")
    {
        Description = "The device or gateway. Default port: 502, and 802 with TLS.",
    };
    private readonly Option<int> _timeout;
    private readonly ServerTlsOptions _tls;

    /// <param name="command">The command that receives the argument and the options.</param>
    /// <param name="timeoutMs">The default time for a response.</param>
    public ModbusTarget(Command command, int timeoutMs)
    {
        _timeout = FeedRun.Number("--timeout", "The time to wait for each response, in milliseconds.", timeoutMs, 1, MaxTimeoutMs);
        command.Arguments.Add(_address);
        command.Options.Add(_timeout);
        _tls = new ServerTlsOptions(command);
    }

    /// <summary>The unit, for the commands that talk to one.</summary>
    public static Option<int> Unit() =>
        FeedRun.Number("--unit", "The unit. A device that is no gateway usually ignores it.", 1, 0, byte.MaxValue);

    /// <summary>Returns the address of a command line for messages.</summary>
    public string Name(ParseResult parsed)
    {
        ModbusClientOptions options = Read(parsed);
        return new WireAddress(options.Host, options.Port).ToString();
    }

    /// <summary>Connects to the device.</summary>
    /// <exception cref="Wire.WireConnectionException">The device cannot be reached.</exception>
    public Task<ModbusClient> ConnectAsync(ParseResult parsed, CancellationToken cancellation) =>
        ModbusClient.ConnectAsync(Read(parsed), cancellation);

    private ModbusClientOptions Read(ParseResult parsed)
    {
        string text = parsed.GetRequiredValue(_address);
        Wire.WireTlsOptions? tls = _tls.Read(parsed);

        int port = tls is null ? ModbusClientOptions.TcpPort : ModbusClientOptions.TlsPort;
        WireAddress address = WireAddress.ParseWithDefault("HOST:PORT", text, port);
        return new ModbusClientOptions
        {
            Host = address.Host,
            Port = address.Port,
            Tls = tls,
            TimeoutMs = parsed.GetValue(_timeout),
        };
    }
}
