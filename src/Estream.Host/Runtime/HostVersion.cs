using System.Reflection;

namespace Estream.Host.Runtime;

/// <summary>The version of this build, without the commit that follows a plus sign.</summary>
internal static class HostVersion
{
    public static string Text { get; } =
        typeof(HostVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0.0.0";
}
