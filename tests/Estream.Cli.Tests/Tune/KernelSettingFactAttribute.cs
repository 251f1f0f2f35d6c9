using Estream.Cli.Tune;

namespace Estream.Cli.Tests.Tune;

/// <summary>A test that changes a setting of this kernel; skipped if the setting is missing, may not be written, or has been tuned
/// already.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class KernelSettingFactAttribute : FactAttribute
{
    private const string Tuned = "10";

    public KernelSettingFactAttribute(string path)
    {
        Path = path;
        MachineFiles machine = new("/");
        string? present = machine.TryReadValue(path);
        Skip = present is null or Tuned || machine.TryWriteValue(path, present) is not null
            ? $"{path} cannot be changed here: it is {present ?? "missing"}, or /proc/sys is read-only"
            : null;
    }

    public string Path { get; }
}
