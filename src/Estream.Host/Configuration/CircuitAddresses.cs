using Estream.Circuits;
using Microsoft.Extensions.Configuration;

namespace Estream.Host.Configuration;

/// <summary>The addresses of queues with a configured address, of circuits, and of the streams that circuits write.</summary>
internal static class CircuitAddresses
{
    public const string Key = "Lex";

    /// <summary>Returns all addresses. An address with two owners adds an error.</summary>
    public static LexDirectory Read(IConfiguration configuration, IReadOnlyList<ReadFile> files, SettingErrors errors)
    {
        LexDirectory streams = new();
        foreach (IConfigurationSection queue in configuration.GetSection($"{EstreamSettingsSchema.SectionName}:Queues").GetChildren())
        {
            // The schema check reports invalid addresses.
            if (queue[Key] is { Length: > 0 } text && LexAddress.TryParse(text, out LexAddress? address, out _))
            {
                Try($"{queue.Path}:{Key}", $"is {text}", () => streams.Add(address, new LexTarget(LexTargetKind.Queue, queue.Key)));
            }
        }

        foreach (ReadFile file in files.Where(file => file.Circuit is not null))
        {
            Try(file.Setting, $"is {ScalarSchema.Quote(file.File)}", () => streams.Add(file.Circuit!));
        }

        return streams;

        void Try(string setting, string what, Action add)
        {
            try
            {
                add();
            }
            catch (ArgumentException clash)
            {
                errors.Add(setting, $"{what}: {clash.Message}");
            }
        }
    }

    /// <summary>Returns the file with the inputs of its circuit resolved to the streams at their addresses.</summary>
    public static ReadFile Resolve(ReadFile file, LexDirectory streams, SettingErrors errors)
    {
        if (file.Circuit is not { } circuit || circuit.Inputs.All(input => !input.IsUnresolved))
        {
            return file;
        }

        try
        {
            Circuit resolved = circuit.Resolve(streams);
            return file with { Circuit = resolved, Pipelines = resolved.Pipelines };
        }
        catch (ArgumentException mistakes)
        {
            foreach (string mistake in mistakes.Message.Split('\n'))
            {
                errors.Add(file.Setting,
                    $"is {ScalarSchema.Quote(file.File)}: {mistake} ({EstreamSettingsSchema.SectionName}:Queues:NAME:{Key} sets the "
                    + "address of a queue).");
            }

            return file;
        }
    }
}
