using Microsoft.Extensions.Configuration;

namespace Estream.Host.Configuration;

/// <summary>A key that a user may expect and that the host refuses with a reason.</summary>
/// <param name="reason">Why, and what to do; follows the key.</param>
internal sealed class RefusedSchema(string reason) : SettingSchema
{
    public override void Check(IConfigurationSection section, SettingErrors errors)
    {
        if (!IsEmpty(section))
        {
            errors.Add(section.Path, reason);
        }
    }
}
