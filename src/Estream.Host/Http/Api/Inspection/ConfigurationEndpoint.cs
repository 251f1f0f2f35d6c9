using System.Globalization;
using System.Text.Json;
using Estream.Crypto;
using Estream.Host.Configuration;
using Estream.Host.Runtime;
using Microsoft.Extensions.Configuration;

namespace Estream.Host.Http;

/// <summary><c>GET /api/configuration</c> returns the settings of the file and of the environment as a tree, with secrets
/// hidden.</summary>
internal static class ConfigurationEndpoint
{
    public static void MapConfiguration(this IEndpointRouteBuilder app) =>
        app.MapGet("/api/configuration", static (HttpContext context) => JsonBody.SendAsync(context, writer =>
        {
            writer.WriteStartObject();
            if (context.RequestServices.GetService<HostReload>()?.Applied is { } applied)
            {
                IConfigurationSection root = applied.File.Written.GetSection(EstreamSettingsSchema.SectionName);
                writer.WritePropertyName(root.Key);
                Write(root, isComponent: false, writer);
            }

            writer.WriteEndObject();
        })).For(AccessRole.Operator);

    private static void Write(IConfigurationSection section, bool isComponent, Utf8JsonWriter writer)
    {
        IConfigurationSection[] children = [.. section.GetChildren()];
        if (children.Length == 0)
        {
            WriteValue(section, isComponent, writer);
            return;
        }

        // The settings of a component are defined by its publisher, so the names of its secrets are not known.
        isComponent |= section[AdapterPlan.ComponentSetting] is not null;
        bool isList = children.All(child => int.TryParse(child.Key, NumberStyles.None, CultureInfo.InvariantCulture, out _));
        if (isList)
        {
            writer.WriteStartArray();
            Array.ForEach(children, child => Write(child, isComponent, writer));
            writer.WriteEndArray();
            return;
        }

        writer.WriteStartObject();
        foreach (IConfigurationSection child in children)
        {
            writer.WritePropertyName(child.Key);
            Write(child, isComponent, writer);
        }

        writer.WriteEndObject();
    }

    private static void WriteValue(IConfigurationSection section, bool isComponent, Utf8JsonWriter writer)
    {
        string? value = SecretSettings.Hide(section.Path, section.Value, isComponent);
        if (value is null)
        {
            writer.WriteNullValue();
        }
        else if (value is "True" or "False")
        {
            // The JSON provider stores true and false in this form.
            writer.WriteBooleanValue(value == "True");
        }
        else if (long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number)
            && number.ToString(CultureInfo.InvariantCulture) == value)
        {
            writer.WriteNumberValue(number);
        }
        else
        {
            writer.WriteStringValue(value);
        }
    }
}
