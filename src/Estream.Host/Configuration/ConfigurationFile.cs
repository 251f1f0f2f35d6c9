using System.Text.Json;
using Estream.Host.Components;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;

namespace Estream.Host.Configuration;

/// <summary>The raw configuration: the settings of integrations, the file, the environment, and which variable set which key.</summary>
/// <param name="Root">The configuration in which each partition of a queue has its own section.</param>
/// <param name="Written">The configuration as the operator wrote it.</param>
/// <param name="Source">The path of the file.</param>
/// <param name="Variables">The environment variable that set a key, by key.</param>
internal sealed record ConfigurationFile(
    IConfigurationRoot Root, IConfigurationRoot Written, string Source, IReadOnlyDictionary<string, string> Variables)
{
    private const string ShippedName = "appsettings.json";

    /// <param name="configFile">The path of the file; null for the appsettings.json next to the program.</param>
    /// <param name="readVariable">Reads an environment variable.</param>
    /// <param name="errors">Receives errors of the short environment variables and of partitioned queues.</param>
    /// <exception cref="ConfigurationErrorException">The file does not exist, cannot be read or is not valid JSON.</exception>
    /// <exception cref="Wire.WireConfigurationException">An integration is not installed, or its settings are refused.</exception>
    public static ConfigurationFile Load(string? configFile, Func<string, string?> readVariable, SettingErrors errors)
    {
        string path = Path.GetFullPath(configFile ?? Path.Combine(AppContext.BaseDirectory, ShippedName));
        ConfigurationBuilder builder = new();
        builder.AddJsonFile(source =>
        {
            source.Path = Path.GetFileName(path);
            source.FileProvider = new Microsoft.Extensions.FileProviders.PhysicalFileProvider(DirectoryOf(path));
        });
        builder.AddEnvironmentVariables();

        IConfigurationRoot file = Build(builder, path);
        Dictionary<string, string?> installed = InstalledComponents.SettingsFor(file);
        if (installed.Count > 0)
        {
            builder.Sources.Insert(0, new MemoryConfigurationSource { InitialData = installed });
            file = Build(builder, path);
        }

        Dictionary<string, (string Value, string Variable)> overrides = EnvironmentOverrides.Read(file, readVariable, errors);
        builder.Add(new MemoryConfigurationSource
        {
            InitialData = overrides.Select(o => KeyValuePair.Create(o.Key, (string?)o.Value.Value)),
        });
        IConfigurationRoot written = Build(builder, path);
        return new ConfigurationFile(
            PartitionedSections.Expand(written, errors),
            written,
            path,
            overrides.ToDictionary(o => o.Key, o => o.Value.Variable, StringComparer.OrdinalIgnoreCase));
    }

    private static string DirectoryOf(string path)
    {
        string directory = Path.GetDirectoryName(path) ?? "/";
        return Directory.Exists(directory)
            ? directory
            : throw new ConfigurationErrorException($"The configuration {path} does not exist, because there is no directory {directory}. "
                + "Check the path.") { IsUnreadable = true };
    }

    private static IConfigurationRoot Build(ConfigurationBuilder builder, string path)
    {
        try
        {
            return builder.Build();
        }
        catch (FileNotFoundException)
        {
            throw new ConfigurationErrorException($"The configuration {path} does not exist. Check the path.") { IsUnreadable = true };
        }
        catch (Exception e) when (e is InvalidDataException or FormatException or IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationErrorException($"The configuration {path} cannot be read: {Reason(e)}")
            {
                IsUnreadable = e is not (InvalidDataException or FormatException),
            };
        }
    }

    // The JSON provider wraps the parser's exception up to twice; the innermost one has line and position.
    private static string Reason(Exception e)
    {
        Exception inner = e;
        while (inner.InnerException is { } next)
        {
            inner = next;
        }

        return inner is JsonException { LineNumber: { } line } json
            ? $"line {line + 1}, byte {json.BytePositionInLine + 1}: {json.Message.Split(" LineNumber:")[0]}"
            : inner.Message;
    }
}
