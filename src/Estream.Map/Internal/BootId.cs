using Estream.Core;

namespace Estream.Map.Internal;

/// <summary>The number the kernel gives itself at every start, to tell a killed process from a machine that stopped.</summary>
internal static class BootId
{
    private const string Source = "/proc/sys/kernel/random/boot_id";

    /// <summary>Sixteen bytes; zeros where the system does not say, which makes every start look the same.</summary>
    public static byte[] Read()
    {
        try
        {
            return Guid.TryParse(File.ReadAllText(Source), out Guid id) ? id.ToByteArray() : new byte[MetaLayout.BootIdBytes];
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            return new byte[MetaLayout.BootIdBytes];
        }
    }
}
