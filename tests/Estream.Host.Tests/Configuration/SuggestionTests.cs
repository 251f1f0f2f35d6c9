using Estream.Host.Configuration;

namespace Estream.Host.Tests.Configuration;

public sealed class SuggestionTests
{
    [Theory]
    [InlineData("abc", "abc", 0)]
    [InlineData("abc", "ABC", 0)]
    [InlineData("prot", "port", 1)]
    [InlineData("adress", "address", 1)]
    [InlineData("kitten", "sitting", 3)]
    [InlineData("", "abc", 3)]
    public void The_distance_of_two_words_is_their_number_of_edits(string a, string b, int expected)
    {
        Assert.Equal(expected, Suggestion.Distance(a, b));
        Assert.Equal(expected, Suggestion.Distance(b, a));
    }

    [Fact]
    public void No_suggestion_is_made_without_a_similar_name()
    {
        Assert.Equal("", Suggestion.For("Colour", ["Address", "Port"]));
        Assert.Equal("", Suggestion.For(new string('x', 1000), ["Address"]));
        Assert.Equal(" Did you mean \"Port\"?", Suggestion.For("Ports", ["Address", "Port"]));
    }
}
