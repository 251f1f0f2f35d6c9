using Microsoft.Extensions.Configuration;

namespace Estream.Host.Configuration;

/// <summary>True, false, or an object: something that is switched on as it is, or with particulars.</summary>
internal sealed class SwitchShape(ObjectShape particulars) : SettingShape
{
    public ObjectShape Particulars => particulars;

    public override void Check(IConfigurationSection section, SettingErrors errors)
    {
        if (string.IsNullOrEmpty(section.Value))
        {
            particulars.Check(section, errors);
        }
        else if (!bool.TryParse(section.Value, out _))
        {
            errors.Add(section.Path, $"expects true, false or an object with the keys {string.Join(", ", particulars.Settings.Select(s => s.Key))}, not {ScalarShape.Quote(section.Value)}.");
        }
    }
}
