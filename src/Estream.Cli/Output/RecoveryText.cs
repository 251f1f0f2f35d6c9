using System.Globalization;
using System.Text.Json;
using Estream.Queue;

namespace Estream.Cli.Output;

/// <summary>Writes the result of the last recovery of a queue as text and JSON.</summary>
internal static class RecoveryText
{
    public static void Write(LineWriter lines, QueueRecovery? recovery)
    {
        if (recovery is null)
        {
            return;
        }

        string why = recovery.Cause == QueueRecoveryCause.FailedFlush ? "after a failed flush" : "after a restart of the machine";
        string when = DateTimeOffset.FromUnixTimeMilliseconds(recovery.RecoveredAt / 1_000_000).ToString("u", CultureInfo.InvariantCulture);
        string what = recovery.IsWhole
            ? "nothing was truncated"
            : $"truncated from position {recovery.EndPosition} to {recovery.CutTo}: {recovery.CutBytes} bytes, {recovery.CutMessages} "
                + $"complete messages, {recovery.CutSegments} segments";
        lines.WriteLine($"recovered  {when} {why}, checked from position {recovery.VerifiedFrom}: {what}");
    }

    public static void WriteJson(Utf8JsonWriter json, QueueRecovery? recovery)
    {
        if (recovery is null)
        {
            return;
        }

        json.WriteStartObject("recovery");
        json.WriteString("cause", recovery.Cause == QueueRecoveryCause.FailedFlush ? "failedFlush" : "machineRestart");
        json.WriteNumber("recoveredAt", recovery.RecoveredAt);
        json.WriteNumber("verifiedFrom", recovery.VerifiedFrom);
        json.WriteNumber("endPosition", recovery.EndPosition);
        json.WriteNumber("cutTo", recovery.CutTo);
        json.WriteNumber("cutBytes", recovery.CutBytes);
        json.WriteNumber("cutMessages", recovery.CutMessages);
        json.WriteNumber("cutSegments", recovery.CutSegments);
        json.WriteEndObject();
    }
}
