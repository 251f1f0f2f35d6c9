namespace Estream.Fpga;

/// <summary>Finds the addresses of possible cards on this machine.</summary>
public static class FpgaAddresses
{
    private const string Devices = "/sys/bus/pci/devices";

    /// <summary>Returns the simulated card and every PCI device that is bound to vfio-pci. Only opening a device shows whether it is a card
    /// of Estream.</summary>
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
