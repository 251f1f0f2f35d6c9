using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Peers;

/// <summary>The floor of `hl7-parse`: splits every segment, field, repetition and component by hand, with spans, and keeps two values. It
/// checks and converts nothing.</summary>
internal sealed class Hl7SplitContender(ContenderContext context, bool isPatient) : HealthWorkload(context)
{
    protected override ulong Parse()
    {
        ReadOnlySpan<byte> message = HealthMessages.Admission;
        ulong sum = 0;
        ulong components = 0;
        foreach (Range segmentRange in message.Split((byte)'\r'))
        {
            ReadOnlySpan<byte> segment = message[segmentRange];
            bool isPid = segment.StartsWith("PID"u8);
            int field = 0;
            foreach (Range fieldRange in segment.Split((byte)'|'))
            {
                ReadOnlySpan<byte> text = segment[fieldRange];
                foreach (Range repetition in text.Split((byte)'~'))
                {
                    foreach (Range component in text[repetition].Split((byte)'^'))
                    {
                        components += (ulong)text[repetition][component].Length;
                    }
                }

                sum += isPid && (field is 3 or 5) ? (ulong)text.IndexOf((byte)'^') : 0;
                field++;
            }
        }

        return isPatient ? sum : components > 0 ? (ulong)message.Length : 0;
    }
}
