using System.Globalization;
using Estream.Marketplace.Packages;

// The other process in the tests of the marketplace: installs one package into folder after folder.
(string command, string package, string parent, PackageIdentity identity, string count) = (args[0], args[1], args[2], new PackageIdentity(args[3], args[4]), args[5]);
if (command != "install")
{
    throw new ArgumentException($"Unknown command '{command}'.");
}

byte[] bytes = File.ReadAllBytes(package);
Console.WriteLine("ready");
_ = Console.ReadLine();
int installed = 0;
for (int number = 0; number < int.Parse(count, CultureInfo.InvariantCulture); number++)
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
