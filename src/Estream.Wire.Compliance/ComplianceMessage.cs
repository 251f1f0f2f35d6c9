using System.Text;

namespace Estream.Wire.Compliance;

/// <summary>A message as <see cref="IWireAdapter.TranslateIngress"/> takes it.</summary>
/// <param name="Topic">Where it is sent to, in UTF-8; empty where the protocol has no such thing.</param>
/// <param name="Payload">Its content.</param>
public sealed record ComplianceMessage(ReadOnlyMemory<byte> Topic, ReadOnlyMemory<byte> Payload)
{
    /// <summary>A message of text.</summary>
    public static ComplianceMessage Of(string topic, string payload)
    {
        return new ComplianceMessage(Encoding.UTF8.GetBytes(topic), Encoding.UTF8.GetBytes(payload));
    }
}
