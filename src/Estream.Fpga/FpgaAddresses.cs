namespace Estream.Fpga;

/// <summary>Which cards may be on this machine.</summary>
public static class FpgaAddresses
{
    private const string Devices = "/sys/bus/pci/devices";

    /// <summary>The simulated card, and every device that is bound to vfio-pci: whether it is a card of Estream shows when it is
    /// opened.</summary>
    public static IReadOnlyList<string> Find() => Find(Devices);

    internal static IReadOnlyList<string> Find(string devices)
    {
        List<string> all = ["sim:"];
        if (Directory.Exists(devices))
        {
            all.AddRange(Directory.GetDirectories(devices)
                .Where(device => new DirectoryInfo(Path.Combine(device, "driver")).LinkTarget is string driver
                    && Path.GetFileName(driver) == "vfio-pci")
                .Select(device => $"vfio:{Path.GetFileName(device)}")
                .Order(StringComparer.Ordinal));
        }

        return all;
    }
}
