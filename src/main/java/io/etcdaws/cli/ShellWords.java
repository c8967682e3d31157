package io.etcdaws.cli;

import java.util.ArrayList;
import java.util.List;

/** Splits a text into words as a shell does, quotes and backslashes included; nothing is expanded. */
final class ShellWords {
    private final String text;
    private final List<String> words = new ArrayList<>();
    private final StringBuilder word = new StringBuilder();
    private boolean inWord;
    private int position;

    private ShellWords(String text) {
        this.text = text;
    }

    /**
     * The words of a text.
     *
     * @throws IllegalArgumentException if a quote is not closed, or the text ends in a backslash
     */
    static List<String> split(String text) {
        return new ShellWords(text).split();
    }

    private List<String> split() {
        while (position < text.length()) {
            char character = next();
            if (Character.isWhitespace(character)) {
                endWord();
            } else {
                inWord = true;
                take(character);
            }
        }
        endWord();
        return List.copyOf(words);
    }

    private void take(char character) {
        switch (character) {
            case '\'', '"' -> takeQuoted(character);
            case '\\' -> word.append(next());
            default -> word.append(character);
        }
    }

    private void takeQuoted(char quote) {
        for (char character = next(); character != quote; character = next()) {
            boolean escape = quote == '"' && character == '\\' && "\"\\$`".indexOf(peek()) >= 0;
            word.append(escape ? next() : character);
        }
    }

    private char peek() {
        if (position == text.length()) {
            throw new IllegalArgumentException("a quote is not closed, or a backslash stands at the end");
        }
        return text.charAt(position);
    }

    private char next() {
        char character = peek();
        position++;
        return character;
    }

    private void endWord() {
        if (inWord) {
            words.add(word.toString());
            word.setLength(0);
            inWord = false;
        }
    }
}
