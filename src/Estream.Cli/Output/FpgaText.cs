using System.Globalization;
using System.Text.Json;
using Estream.Fpga;

namespace Estream.Cli.Output;

/// <summary>Writes information about cards as text and JSON. Each line names the backend.</summary>
internal static class FpgaText
{
    public static string Named(FpgaBackend backend) => backend switch
    {
        FpgaBackend.Pcie => "PCIe card",
        FpgaBackend.Simulated => "simulated (cycles match the card, times do not)",
        _ => "loopback, no card",
    };

    public static void WriteListed(LineWriter lines, string uri, FpgaInfo? info, string? why) => lines.WriteObject(json =>
    {
        json.WriteString("uri", uri);
        json.WriteBoolean("usable", info is not null);
        if (info is null)
        {
            json.WriteString("reason", why);
        }
        else
        {
            WriteBackend(json, info);
            json.WriteString("engines", info.Engines);
        }
    });

    public static void WriteInfoText(LineWriter lines, FpgaInfo info)
    {
        lines.WriteLine($"card      {info.Uri}");
        lines.WriteLine($"backend   {Named(info.Backend)}");
        lines.WriteLine($"engines   {info.Engines}");
        lines.WriteLine(
            Text($"clock     {info.ClockKhz / 1000.0:0.###} MHz as built{(info.IsSimulated ? "; not used by the simulation" : "")}"));
        lines.WriteLine(Text($"lanes     {info.Lanes}"));
        lines.WriteLine(Text($"map       {info.MapSlots} slots, {info.HotKeys} hot keys"));
        lines.WriteLine(Text($"interface {info.AbiVersion >> 16}.{info.AbiVersion & 0xffff}"));
    }

    public static void WriteInfo(LineWriter lines, FpgaInfo info, FpgaCounters counters) => lines.WriteObject(json =>
    {
        json.WriteString("uri", info.Uri);
        WriteBackend(json, info);
        json.WriteString("engines", info.Engines);
        json.WriteNumber("clockKhz", info.ClockKhz);
        json.WriteNumber("lanes", info.Lanes);
        json.WriteNumber("mapSlots", info.MapSlots);
        json.WriteNumber("hotKeys", info.HotKeys);
        json.WriteString("interface", Text($"{info.AbiVersion >> 16}.{info.AbiVersion & 0xffff}"));
        json.WriteNumber("submissions", counters.Submissions);
        json.WriteNumber("completions", counters.Completions);
        json.WriteNumber("hotHits", counters.HotHits);
        json.WriteNumber("hotMisses", counters.HotMisses);
        json.WriteNumber("dmaErrors", counters.DmaErrors);
    });

    public static void WriteSelfTest(LineWriter lines, FpgaInfo info, FpgaSelfTestResult result, bool asJson)
    {
        if (!asJson)
        {
            string verdict = result.Wrong == 0 ? "same as the processor" : Text($"{result.Wrong} DIFFERENT from the processor");
            lines.WriteLine(
                Text($"{result.Engine,-10} {result.Operations} operations, {verdict}, {result.LeastCycles} to {result.MostCycles} cycles; ")
                    + Named(info.Backend));
            return;
        }

        lines.WriteObject(json =>
        {
            json.WriteString("uri", info.Uri);
            WriteBackend(json, info);
            json.WriteString("engine", result.Engine);
            json.WriteNumber("operations", result.Operations);
            json.WriteNumber("wrong", result.Wrong);
            json.WriteNumber("leastCycles", result.LeastCycles);
            json.WriteNumber("mostCycles", result.MostCycles);
        });
    }

    public static void WriteBench(LineWriter lines, FpgaInfo info, FpgaBench found, bool asJson)
    {
        if (!asJson)
        {
            string cycles = info.Backend == FpgaBackend.Simulated
                ? Text($", {(double)found.Cycles / found.Messages:0.00} card cycles per message")
                : "";
            lines.WriteLine(
                Text($"{found.Messages} messages: host {found.HostNanosPerMessage:0.0} ns per message excluding the card{cycles}; ")
                    + Named(info.Backend));
            return;
        }

        lines.WriteObject(json =>
        {
            json.WriteString("uri", info.Uri);
            WriteBackend(json, info);
            json.WriteNumber("messages", found.Messages);
            json.WriteNumber("hostNanosPerMessage", Math.Round(found.HostNanosPerMessage, 2));
            json.WriteNumber("cycles", found.Cycles);
        });
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static void WriteBackend(Utf8JsonWriter json, FpgaInfo info)
    {
        json.WriteString("backend", info.Backend switch { FpgaBackend.Pcie => "pcie", FpgaBackend.Simulated => "sim", _ => "loopback" });
        json.WriteBoolean("simulated", info.IsSimulated);
    }
}
