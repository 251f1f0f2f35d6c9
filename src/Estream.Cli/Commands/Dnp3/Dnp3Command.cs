using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Estream.Cli.Output;
using Estream.Wire.Dnp3;
using Estream.Wire.Tools.Recording;

namespace Estream.Cli.Commands.Dnp3;

/// <summary>`estream dnp3`: reads DNP3 outstations, without a host.</summary>
internal static class Dnp3Command
{
    private const int MaxAddress = 65_519;
    private const int MaxTimeoutMs = 60_000;

    public static Command Create(CliContext context) =>
        new("dnp3", "Reads the points of a DNP3 outstation by TCP or TLS. Example: estream dnp3 poll 10.0.0.9:20000 --outstation 10")
        {
            CreatePoll(context),
        };

    private static Command CreatePoll(CliContext context)
    {
        Argument<string> address = new("HOST:PORT") { Description = "The outstation. Default port: 20000, and 19999 with TLS." };
        Option<int> outstation = FeedRun.Number("--outstation", "The link address of the outstation.", 10, 0, MaxAddress);
        Option<int> master = FeedRun.Number("--master", "The link address of the master.", 1, 0, MaxAddress);
        Option<int> timeout =
            FeedRun.Number("--timeout", "The time to wait for each response, in milliseconds.", 5_000, 1, MaxTimeoutMs);
        Option<bool> events = new("--events")
        {
            Description = "Read the events of classes 1, 2 and 3, too. The outstation deletes them, so its master does not get them.",
        };
        Option<bool> json = SharedOptions.Json();
        Command command = new("poll",
            "Reads the present values of all points, and prints one line for each. Many outstations accept one connection only, so stop "
            + "their master first. Example: estream dnp3 poll 10.0.0.9:20000 --outstation 10")
        {
            address, outstation, master, timeout, events, json,
        };
        ServerTlsOptions tls = new(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            Dnp3DeviceOptions device = new()
            {
                Name = "outstation",
                Endpoint = ReadEndpoint(parsed.GetRequiredValue(address), tls.Read(parsed)),
                OutstationAddress = (ushort)parsed.GetValue(outstation),
                MasterAddress = (ushort)parsed.GetValue(master),
                TimeoutMs = parsed.GetValue(timeout),
            };
            IReadOnlyList<Dnp3Measurement> points = await Dnp3Poll.ReadAsync(
                device, parsed.GetValue(events) ? Dnp3Classes.All : Dnp3Classes.Present, cancellation).ConfigureAwait(false);
            using LineWriter lines = new(context.Output);
            foreach (Dnp3Measurement point in points)
            {
                lines.WriteLine(parsed.GetValue(json) ? Json(point) : Text(point));
            }

            return ExitCode.Ok;
        });
        return command;
    }

    private static Dnp3EndpointOptions ReadEndpoint(string text, Wire.WireTlsOptions? tls)
    {
        // The colons of a bare IPv6 address are inside its brackets.
        bool hasPort = text.LastIndexOf(':') > text.LastIndexOf(']');
        int port = tls is null ? Dnp3EndpointOptions.TcpPort : Dnp3EndpointOptions.TlsPort;
        WireAddress address = WireAddress.Parse("HOST:PORT", hasPort ? text : $"{text}:{port}", leastPort: 1);
        return new Dnp3EndpointOptions { Host = address.Host, Port = address.Port, Tls = tls };
    }

    private static string Text(Dnp3Measurement point) => string.Create(
        CultureInfo.InvariantCulture,
        $"{point.ShortName} = {point.Value}{(point.IsOnline ? "" : " (offline)")}{(point.IsEvent ? $" event{Time(point, " at ")}" : "")}");

    private static string Json(Dnp3Measurement point) => string.Create(
        CultureInfo.InvariantCulture,
        $"{{\"point\":\"{point.ShortName}\",\"kind\":\"{point.Kind}\",\"index\":{point.Index},\"value\":{Number(point.Value)}"
        + $",\"online\":{(point.IsOnline ? "true" : "false")},\"event\":{(point.IsEvent ? "true" : "false")}"
        + $"{(point.Flags is { } flags ? $",\"flags\":{flags}" : "")}{Time(point, ",\"time\":\"", "\"")}}}");

    // JSON has no NaN and no infinity.
    private static string Number(double value) => double.IsFinite(value) ? JsonSerializer.Serialize(value) : "null";

    private static string Time(Dnp3Measurement point, string before, string after = "")
    {
        const long MaxMs = 253_402_300_799_999;
        if (point.TimeMs is not (>= 0 and <= MaxMs))
        {
            return "";
        }

        DateTimeOffset time = DateTimeOffset.FromUnixTimeMilliseconds(point.TimeMs.Value);
        return before + time.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture) + after;
    }
}
