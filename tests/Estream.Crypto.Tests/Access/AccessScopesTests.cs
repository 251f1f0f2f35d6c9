namespace Estream.Crypto.Tests.Access;

/// <summary>Goal: a token with scopes reaches what they name, and nothing else.</summary>
public sealed class AccessScopesTests
{
    [Theory]
    [InlineData("telemetry*:append", "telemetry", false, true)]
    [InlineData("telemetry*:append", "telemetry.0001", false, true)]
    [InlineData("telemetry*:append", "telemetr", false, false)]
    [InlineData("telemetry:read", "telemetry", true, false)]
    [InlineData("telemetry:read", "telemetry2", false, false)]
    [InlineData("telemetry:read,append", "telemetry", true, true)]
    [InlineData("*:read", "anything", true, false)]
    public void A_scope_gives_its_rights_for_its_names(string scope, string queue, bool mayRead, bool mayAppend)
    {
        AccessScopes scopes = AccessScopes.Create([scope], [], reachesFhir: true);

        Assert.Equal((mayRead, mayAppend), (scopes.MayReadQueue(queue), scopes.MayAppend(queue)));
        Assert.False(scopes.MayReadMap(queue) || scopes.MayWriteMap(queue));
    }

    [Fact]
    public void Scopes_of_maps_are_not_scopes_of_queues()
    {
        AccessScopes scopes = AccessScopes.Create([], ["settings:write"], reachesFhir: true);

        Assert.True(scopes.MayWriteMap("settings"));
        Assert.False(scopes.MayReadMap("settings") || scopes.MayAppend("settings") || scopes.MayReadQueue("settings"));
    }

    [Fact]
    public void Only_a_whole_name_names_a_queue()
    {
        AccessScopes scopes = AccessScopes.Create(["*:append", "valves:append", "doors:read"], [], reachesFhir: true);

        Assert.True(scopes.NamesForAppend("valves"));
        Assert.False(scopes.NamesForAppend("doors") || scopes.NamesForAppend("other") || AccessScopes.All.NamesForAppend("valves"));
    }

    [Theory]
    [InlineData("telemetry", "write NAME:RIGHTS")]
    [InlineData("telemetry:", "has the right ''")]
    [InlineData("telemetry:write", "has the right 'write'")]
    [InlineData(":read", "write NAME:RIGHTS")]
    [InlineData("a*b:read", "write NAME:RIGHTS")]
    [InlineData("a b:read", "write NAME:RIGHTS")]
    [InlineData("a\tb:read", "write NAME:RIGHTS")]
    public void Create_throws_for_a_scope_that_is_not_valid(string scope, string expected)
    {
        FormatException refused = Assert.Throws<FormatException>(() => AccessScopes.Create([scope], [], reachesFhir: true));

        Assert.Contains(expected, refused.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Create_throws_for_too_many_scopes()
    {
        IEnumerable<string> many = Enumerable.Range(0, AccessScopes.MaxCount + 1).Select(i => $"q{i}:read");

        Assert.Throws<FormatException>(() => AccessScopes.Create(many, [], reachesFhir: true));
    }

    [Fact]
    public void The_text_of_scopes_is_read_back()
    {
        AccessScopes scopes = AccessScopes.Create(["a*:read"], ["b:read,write"], reachesFhir: false);

        Assert.True(AccessScopes.TryParse(scopes.ToString(), out AccessScopes? read));
        Assert.Equal(scopes, read);
        Assert.True(AccessScopes.TryParse("", out read));
        Assert.Equal(AccessScopes.All, read);
    }
}
