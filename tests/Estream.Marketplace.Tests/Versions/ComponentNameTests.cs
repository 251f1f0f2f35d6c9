using Estream.Esf.Schema;

namespace Estream.Marketplace.Tests.Versions;

/// <summary>Valid component names, and the reported position of faults in invalid ones.</summary>
public sealed class ComponentNameTests
{
    [Theory]
    [InlineData("esf-iot", null, "esf-iot")]
    [InlineData("@synergy-carbon/impact-counter", "synergy-carbon", "impact-counter")]
    [InlineData("@0/9", "0", "9")]
    [InlineData("com", null, "com")]
    public void Component_name_has_scope_and_name(string text, string? scope, string name)
    {
        Assert.True(ComponentName.TryParse(text, out ComponentName? read, out ParseFault? fault));
        Assert.Null(fault);
        Assert.Equal((scope, name, text), (read.Scope, read.Name, read.ToString()));
    }

    [Theory]
    [InlineData(null, 0, "missing")]
    [InlineData("", 0, "missing")]
    [InlineData("@", 1, "@scope/name")]
    [InlineData("@scope", 6, "@scope/name")]
    [InlineData("@/name", 1, "scope is empty")]
    [InlineData("@scope/", 7, "name is empty")]
    [InlineData("scope/name", 5, "a-z")]
    [InlineData("@scope/name/more", 11, "a-z")]
    [InlineData("Name", 0, "a-z")]
    [InlineData("esf_iot", 3, "a-z")]
    [InlineData("esf.iot", 3, "a-z")]
    [InlineData("esf-i\u043Et", 5, "a-z")]
    [InlineData("name\0", 4, "a-z")]
    [InlineData("-name", 0, "hyphen")]
    [InlineData("name-", 4, "hyphen")]
    [InlineData("@sco--pe/name", 5, "hyphen")]
    [InlineData("nul", 0, "device")]
    [InlineData("@com7/name", 1, "device")]
    public void Invalid_component_name_has_position_and_reason(string? text, int offset, string reason)
    {
        Assert.False(ComponentName.TryParse(text, out ComponentName? read, out ParseFault? fault));
        Assert.Null(read);
        Assert.Equal(offset, fault.Offset);
        Assert.Contains(reason, fault.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Scope_and_name_length_limits_are_enforced()
    {
        string longest = $"@{new string('s', ComponentName.MaxScopeLength)}/{new string('n', ComponentName.MaxNameLength)}";
        Assert.True(ComponentName.TryParse(longest, out _, out _));
        Assert.False(ComponentName.TryParse(longest + 'n', out _, out ParseFault? fault));
        Assert.Equal(longest.Length, fault!.Offset);
        Assert.False(ComponentName.TryParse($"@{new string('s', ComponentName.MaxScopeLength + 1)}/n", out _, out fault));
        Assert.Equal(ComponentName.MaxScopeLength + 1, fault!.Offset);
    }

    [Fact]
    public void Component_names_are_equal_and_ordered_by_text()
    {
        ComponentName scoped = ComponentName.Parse("@a/b");
        ComponentName plain = ComponentName.Parse("a");
        Assert.Equal(scoped, ComponentName.Parse("@a/b"));
        Assert.Equal(scoped.GetHashCode(), ComponentName.Parse("@a/b").GetHashCode());
        Assert.True(scoped == ComponentName.Parse("@a/b") && scoped != plain && scoped < plain && plain >= scoped);
        Assert.Contains("character 2", Assert.Throws<FormatException>(() => ComponentName.Parse("a b")).Message, StringComparison.Ordinal);
    }
}
