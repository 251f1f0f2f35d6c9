using System.Globalization;
using Estream.Marketplace.Packages;

namespace Estream.Marketplace.TestProcess;

/// <summary>Installs one package into one folder after another.</summary>
internal static class InstallLoop
{
    public static int Run(string package, string parent, PackageIdentity identity, int count)
    {
        byte[] bytes = File.ReadAllBytes(package);
        Console.WriteLine("ready");
        _ = Console.ReadLine();
        int installed = 0;
        for (int number = 0; number < count; number++)
        {
            string folder = Path.Combine(parent, number.ToString(CultureInfo.InvariantCulture));
            PackageInstallResult result = PackageInstaller.Install(new MemoryStream(bytes), identity, folder);
            if (!result.IsThere)
            {
                Console.Error.WriteLine(result.Message);
                return 1;
            }

            installed += result.Status == PackageInstallStatus.Installed ? 1 : 0;
            if (number == 3)
            {
                Console.WriteLine("under way");
            }
        }

        Console.WriteLine($"installed {installed.ToString(CultureInfo.InvariantCulture)}");
        return 0;
    }
}
